package probe

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestParseQuota(t *testing.T) {
	g := NewWithT(t)
	for text, want := range map[string]CPUQuota{"20000 100000\n": 0.2, "max 100000": 0, "-1 100000": 0} {
		g.Expect(parseQuota(text)).To(Equal(want), text)
	}
	for _, text := range []string{"", "20000", "20000 0", "some 100000", "1 2 3"} {
		_, err := parseQuota(text)
		g.Expect(err).To(HaveOccurred(), text)
	}
}

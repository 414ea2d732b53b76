package scenario

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestFirstVolume(t *testing.T) {
	g := NewWithT(t)
	g.Expect(firstVolume([]byte(`{"spec":{"volumes":[{"name":"data","emptyDir":{}},{"name":"other"}]}}`))).To(Equal(`{"name":"data","emptyDir":{}}`))
	for _, pod := range []string{`{"spec":{}}`, `no JSON`} {
		_, err := firstVolume([]byte(pod))
		g.Expect(err).To(HaveOccurred(), pod)
	}
}

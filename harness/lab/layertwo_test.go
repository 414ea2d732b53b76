package lab

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestAnnouncesEverything(t *testing.T) {
	for name, test := range map[string]struct{ config, want string }{
		"iptables":       {"mode: iptables\nipvs: {strictARP: false}", ""},
		"not configured": {"", ""},
		"IPVS":           {"mode: ipvs\nipvs: {strictARP: false}", "without strictARP"},
		"strict IPVS":    {"mode: ipvs\nipvs: {strictARP: true}", ""},
		"malformed":      {"mode: [", "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			if got := announcesEverything(test.config); test.want == "" {
				g.Expect(got).To(BeEmpty())
			} else {
				g.Expect(got).To(ContainSubstring(test.want))
			}
		})
	}
}

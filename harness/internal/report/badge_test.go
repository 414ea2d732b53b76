package report

import (
	"encoding/xml"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

func TestBadge(t *testing.T) {
	holds, drifted := &evidence.Claim{Verdict: claim.Holds}, &evidence.Claim{Verdict: claim.Refuted, Drift: true}
	open, left := &evidence.Claim{Verdict: claim.Inconclusive}, &evidence.Claim{Verdict: claim.NotRun}
	for says, claims := range map[string][]*evidence.Claim{
		"notes: 2 as expected":                 {holds, holds, left},
		"notes: 1 of 2 drifted":                {holds, drifted, open},
		"notes: 1 as expected, 1 inconclusive": {holds, open},
		"notes: nothing answered":              {left},
	} {
		var image struct {
			Label string `xml:"aria-label,attr"`
			Title string `xml:"title"`
		}
		g := NewWithT(t)
		g.Expect(xml.Unmarshal(badge([]*evidence.Record{{Claims: claims}}), &image)).To(Succeed())
		g.Expect(image.Label).To(Equal(says))
		g.Expect(image.Title).To(Equal(says))
	}
}

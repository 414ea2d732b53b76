package claim_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
)

func TestRemarksLinkToTheDocumentationOfTheVersion(t *testing.T) {
	r := claim.Remark{EN: "so", Docs: "/docs/concepts/storage/volumes/#local"}
	for minor, want := range map[int]string{
		38: "https://kubernetes.io/docs/concepts/storage/volumes/#local",
		37: "https://kubernetes.io/docs/concepts/storage/volumes/#local",
		36: "https://v1-36.docs.kubernetes.io/docs/concepts/storage/volumes/#local",
		33: "https://v1-33.docs.kubernetes.io/docs/concepts/storage/volumes/#local",
		32: "https://kubernetes.io/docs/concepts/storage/volumes/#local", // no longer kept
	} {
		NewWithT(t).Expect(r.Link(claim.Version{Major: 1, Minor: minor})).To(Equal(want), "1.%d", minor)
	}
	NewWithT(t).Expect(claim.Remark{EN: "so"}.Link(claim.Version{})).To(BeEmpty())
	NewWithT(t).Expect(claim.Remark{EN: "so", Docs: "javascript:alert(1)"}.Link(claim.Version{})).To(BeEmpty(), "a record may contain anything")
}

func TestRemarksAreChecked(t *testing.T) {
	check := func(r claim.Remark) error {
		return claim.Claim{ID: "pod.x", Quote: "q", Points: []*claim.Point{claim.P("a", claim.True)}, Remark: r}.Check()
	}
	g := NewWithT(t)
	g.Expect(check(claim.Remark{EN: "so", Docs: "/docs/concepts/workloads/pods/"})).To(Succeed())
	g.Expect(check(claim.Remark{KO: "그렇다"})).To(MatchError(ContainSubstring("needs a text in English")))
	for _, path := range []string{"https://kubernetes.io/docs/concepts/", "/docs/concepts", "/blog/"} {
		g.Expect(check(claim.Remark{EN: "so", Docs: path})).To(MatchError(ContainSubstring("want a path")), path)
	}
}

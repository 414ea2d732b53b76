package claim_test

import (
	"encoding/json"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
)

func TestJudge(t *testing.T) {
	const yes, no, nothing = claim.SawTrue, claim.SawFalse, claim.Nothing
	for _, test := range []struct {
		points []claim.Observed
		want   claim.Verdict
	}{
		{[]claim.Observed{yes, yes}, claim.Holds},
		{[]claim.Observed{no, no}, claim.Refuted},
		{[]claim.Observed{yes, no}, claim.InPart},
		{[]claim.Observed{yes, nothing}, claim.Inconclusive},
		{[]claim.Observed{no, nothing}, claim.Inconclusive},
		{nil, claim.Inconclusive},
	} {
		NewWithT(t).Expect(claim.Judge(test.points)).To(Equal(test.want), "%v", test.points)
	}
}

func TestTruthChangesAtItsVersion(t *testing.T) {
	g := NewWithT(t)
	old, turn := claim.Version{Major: 1, Minor: 23}, claim.Version{Major: 1, Minor: 24}
	at := func(t claim.Truth, v claim.Version) bool { return t.At(claim.Setting{Version: v}) }
	g.Expect(at(claim.TrueBefore("1.24"), old)).To(BeTrue())
	g.Expect(at(claim.TrueBefore("1.24"), turn)).To(BeFalse())
	g.Expect(at(claim.TrueFrom("1.24"), old)).To(BeFalse())
	g.Expect(at(claim.TrueFrom("1.24"), turn)).To(BeTrue())
	g.Expect(at(claim.True, old)).To(BeTrue())
	g.Expect(at(claim.False, turn)).To(BeFalse())
	g.Expect(claim.TrueBefore("1.24").String()).To(Equal("true before v1.24"))
}

func TestTruthDependsOnProperties(t *testing.T) {
	g := NewWithT(t)
	with := func(property claim.Property, value string) claim.Setting {
		return claim.Setting{Version: claim.Version{Major: 1, Minor: 37}, Properties: map[claim.Property]string{property: value}}
	}
	truth := claim.TrueFrom("1.24").Except(claim.ProxyMode, "ipvs", "it works otherwise")
	g.Expect(truth.At(with(claim.ProxyMode, "nftables"))).To(BeTrue())
	g.Expect(truth.At(with(claim.ProxyMode, "ipvs"))).To(BeFalse())
	g.Expect(truth.Unknown(with(claim.ProxyMode, "ipvs"))).To(BeEmpty())
	g.Expect(truth.Unknown(with(claim.IPFamily, "IPv6"))).To(Equal(claim.ProxyMode))
	g.Expect(truth.String()).To(Equal("true from v1.24, the contrary with kube-proxy mode ipvs (it works otherwise)"))

	c := claim.Claim{ID: "pod.x", Quote: "q", Points: []*claim.Point{claim.P("a", claim.True.Except(claim.ProxyMode, "ipvs", "it works otherwise"))}}
	g.Expect(c.Expected(with(claim.ProxyMode, "ipvs"))).To(Equal(claim.Refuted))
	g.Expect(c.Unknown(with(claim.IPFamily, "IPv6"))).To(Equal(claim.ProxyMode))
	g.Expect(c.Check()).To(MatchError(ContainSubstring("needs a correction")))
}

func TestParseVersion(t *testing.T) {
	g := NewWithT(t)
	for _, text := range []string{"v1.37.2", "1.37", "v1.37.2-gke.100", "1.37+"} {
		g.Expect(claim.ParseVersion(text)).To(Equal(claim.Version{Major: 1, Minor: 37}), text)
	}
	for _, text := range []string{"", "1", "one.two", "latest"} {
		_, err := claim.ParseVersion(text)
		g.Expect(err).To(MatchError(ContainSubstring("want the form v1.37")), text)
	}
}

func TestObservedInJSON(t *testing.T) {
	for observed, text := range map[claim.Observed]string{claim.SawTrue: "true", claim.SawFalse: "false", claim.Nothing: "null"} {
		g := NewWithT(t)
		g.Expect(json.Marshal(observed)).To(BeEquivalentTo(text))
		var back claim.Observed
		g.Expect(json.Unmarshal([]byte(text), &back)).To(Succeed())
		g.Expect(back).To(Equal(observed))
	}
}

func TestCheckReportsAllErrors(t *testing.T) {
	g := NewWithT(t)
	err := claim.Claim{ID: "Pod", Points: []*claim.Point{claim.P("a", claim.True), claim.P("a", claim.False)}}.Check()
	g.Expect(err).To(MatchError(And(
		ContainSubstring("topic.slug"), ContainSubstring("quotes nothing"), ContainSubstring("in the list twice"), ContainSubstring("needs a correction"))))
	g.Expect(claim.Claim{ID: "pod.x-1", Quote: "q", Points: []*claim.Point{claim.P("a", claim.True)}}.Check()).To(Succeed())
	g.Expect(claim.Claim{ID: "pod.x", Quote: "q", Points: []*claim.Point{nil}}.Check()).To(MatchError(ContainSubstring("point 1 is nil")))
	needy := claim.Claim{ID: "pod.x", Quote: "q", Needs: []claim.Need{claim.TwoWorkers, "two wrkers"}, Points: []*claim.Point{claim.P("a", claim.True)}}
	g.Expect(needy.Check()).To(MatchError(`claim pod.x: there is no need "two wrkers": the constants of type claim.Need are all there are`))
	long := claim.Claim{ID: "pod." + strings.Repeat("x", 44), Quote: "q", Points: []*claim.Point{claim.P("a", claim.True)}}
	g.Expect(long.Check()).To(Succeed())
	long.ID += "x"
	g.Expect(long.Check()).To(MatchError(ContainSubstring("49 characters: at most 48")))
	versioned := claim.Claim{ID: "pod.x", Quote: "q", Points: []*claim.Point{claim.P("a", claim.TrueBefore("1.24"))}}
	g.Expect(versioned.Check()).To(MatchError(ContainSubstring("needs a correction")))
}

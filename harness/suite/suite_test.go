package suite

import (
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/scenario"
)

func TestPointsAndCorrectionsMustBeInTheLanguageOfTheNotes(t *testing.T) {
	check := func(text string, point *claim.Point, correction claim.Text) error {
		return Suite{
			Notes:     text,
			Manifests: fstest.MapFS{"pod/x.yaml": {Data: []byte("# pod.x: one\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")}},
			Scenarios: []Scenario{{
				ID: "pod.x", Quote: text, Points: []*claim.Point{point}, Correction: correction,
				Body: func(*scenario.S) {},
			}},
		}.Check()
	}
	g := NewWithT(t)
	english, korean := claim.P("so", claim.False), claim.P("so", claim.False).KO("그렇다")
	g.Expect(check("English", english, claim.Text{EN: "not so"})).To(Succeed())
	g.Expect(check("English", english, claim.Text{})).To(MatchError(ContainSubstring("needs a correction")))
	g.Expect(check("한국어", korean, claim.Text{EN: "not so"})).To(MatchError(ContainSubstring("needs a correction in Korean, the language of the notes")))
	g.Expect(check("한국어", english, claim.Text{EN: "not so", KO: "아니다"})).To(MatchError(ContainSubstring(`the point "so" needs a sentence in Korean`)))
	g.Expect(check("한국어", korean, claim.Text{EN: "not so", KO: "아니다"})).To(Succeed())
}

func TestARemarkMustBeInTheLanguageOfTheNotes(t *testing.T) {
	check := func(remark claim.Remark) error {
		return Suite{
			Notes:     "한국어",
			Manifests: fstest.MapFS{"pod/x.yaml": {Data: []byte("# pod.x: one\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")}},
			Scenarios: []Scenario{{
				ID: "pod.x", Quote: "한국어", Points: []*claim.Point{claim.P("so", claim.True).KO("그렇다")}, Remark: remark, Body: func(*scenario.S) {},
			}},
		}.Check()
	}
	g := NewWithT(t)
	g.Expect(check(claim.Remark{EN: "note"})).To(MatchError(ContainSubstring("its remark needs a text in Korean")))
	g.Expect(check(claim.Remark{EN: "note", KO: "참고"})).To(Succeed())
}

func needing(id string, needs ...claim.Need) Scenario {
	return Scenario{ID: id, Needs: needs}
}

func TestClaimsThatWouldWaitForEachOther(t *testing.T) {
	alone := needing("a.alone", claim.NoLoadBalancer)
	alone.Alone = true
	for _, c := range []struct {
		name      string
		scenarios []Scenario
		wrong     string // empty for no error
	}{
		{"one", []Scenario{needing("a.one", claim.NoLoadBalancer), needing("a.two", claim.LoadBalancer)}, ""},
		{"two", []Scenario{needing("a.one", claim.NoLoadBalancer), needing("a.two", claim.NoLoadBalancer)}, "a.one and a.two both need"},
		{"alone", []Scenario{alone}, "a.alone cannot run alone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := checkBalancer(c.scenarios)
			if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
				t.Errorf("the error is %v, want %q", err, c.wrong)
			}
		})
	}
}

func TestAScenarioHasAllFieldsOfAClaim(t *testing.T) {
	g := NewWithT(t)
	of := reflect.TypeFor[claim.Claim]()
	for i := range of.NumField() {
		name := of.Field(i).Name
		var s Scenario
		field := reflect.ValueOf(&s).Elem().FieldByName(name)
		g.Expect(field.IsValid()).To(BeTrue(), "a Scenario has no field %s", name)
		switch field.Kind() {
		case reflect.String:
			field.SetString("said")
		case reflect.Bool:
			field.SetBool(true)
		case reflect.Slice:
			field.Set(reflect.MakeSlice(field.Type(), 1, 1))
		default:
			field.Field(0).SetString("said") // a Text
		}
		g.Expect(reflect.ValueOf(s.Claim()).Field(i).Interface()).To(Equal(field.Interface()), "Claim omits %s", name)
	}
}

func TestASabotageIsChecked(t *testing.T) {
	point := claim.P("so", claim.True)
	for name, c := range map[string]struct {
		replace, by string
		wrong       string // empty for no error
	}{
		"valid":        {"old", "new", ""},
		"no change":    {"old", "old", "claim pod.x: its sabotage changes nothing"},
		"not there":    {"ancient", "new", "claim pod.x: its sabotage cannot be applied: manifests/pod/x.yaml contains the text in Replace 0 times"},
		"there twice":  {"x", "y", "2 times, and must contain it once"},
		"invalid then": {"data: {a", "date: {a", "claim pod.x: its sabotage makes the manifest invalid: manifests/pod/x.yaml:1: "},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			err := Scenario{ID: "pod.x", Points: []*claim.Point{point}, Sabotage: Sabotage{Replace: c.replace, By: c.by, Point: point}}.checkSabotage(
				fstest.MapFS{"pod/x.yaml": {Data: []byte("# pod.x\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: old}\n")}})
			if c.wrong == "" {
				g.Expect(err).NotTo(HaveOccurred())
				return
			}
			g.Expect(err).To(MatchError(ContainSubstring(c.wrong)))
		})
	}
}

func TestAllSabotagesMustBeNoticed(t *testing.T) {
	g := NewWithT(t)
	one, two := claim.P("one", claim.True), claim.P("two", claim.False)
	manifests := fstest.MapFS{"pod/x.yaml": {Data: []byte("# pod.x\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: old, b: first}\n")}}
	s := Scenario{ID: "pod.x", Points: []*claim.Point{one, two}, Also: []Sabotage{{Replace: "first", By: "second", Point: two}}}
	g.Expect(s.checkSabotage(manifests)).To(MatchError(ContainSubstring("no first one")))
	s.Sabotage = Sabotage{Replace: "old", By: "new", Point: one}
	g.Expect(s.checkSabotage(manifests)).To(Succeed())
	broken, err := s.Sabotaged(manifests)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(fs.ReadFile(broken, "pod/x.yaml")).To(ContainSubstring("{a: new, b: second}"))

	observed := func(one, two claim.Observed) *evidence.Claim {
		look := func(truth claim.Observed) []evidence.Evidence { return []evidence.Evidence{{Truth: truth}} }
		return &evidence.Claim{Points: []evidence.Point{{Expected: true, Observed: one, Evidence: look(one)}, {Observed: two, Evidence: look(two)}}}
	}
	g.Expect(s.Unnoticed(observed(claim.SawFalse, claim.SawTrue))).To(BeEmpty())
	g.Expect(s.Unnoticed(observed(claim.SawFalse, claim.SawFalse))).To(And(ContainSubstring(`the point "two"`), Not(ContainSubstring(`the point "one"`))))

	s.Also[0].Point = one
	g.Expect(s.checkSabotage(manifests)).To(MatchError(ContainSubstring("two of its sabotages have the same point")))
}

func TestClaimsThatDisturbEachOtherOrTheCluster(t *testing.T) {
	shared := claim.P("so", claim.True)
	manifest := func(id, kind string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("# " + id + "\napiVersion: v1\nkind: " + kind + "\nmetadata: {name: x}\n")}
	}
	scenario := func(id string, needs ...claim.Need) Scenario {
		return Scenario{ID: id, Quote: "so", Points: []*claim.Point{shared}, Needs: needs, Body: func(*scenario.S) {}}
	}
	g := NewWithT(t)
	suite := Suite{
		Notes: "so", Manifests: fstest.MapFS{"a/one.yaml": manifest("a.one", "Namespace"), "a/two.yaml": manifest("a.two", "Namespace")},
		Scenarios: []Scenario{scenario("a.one"), scenario("a.two", claim.ClusterMutation)},
	}
	g.Expect(suite.Check()).To(MatchError(And(
		ContainSubstring(`the claims a.one and a.two have the same point, "so"`),
		ContainSubstring("claim a.one creates objects outside of its namespace, so it needs claim.ClusterMutation: namespace/x"),
		Not(ContainSubstring("claim a.two creates")),
	)))
}

package verdict_test

import (
	"errors"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/verdict"
)

var begin = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// step is a look that ends so many seconds after the watch began: y shows yes, n shows no, - neither, ! failed.
type step struct {
	at   float64
	what rune
}

func at(seconds float64) time.Time { return begin.Add(time.Duration(seconds * float64(time.Second))) }

func watch(rules verdict.Rules, end float64, steps ...step) (verdict.Conclusion, bool) {
	w := verdict.NewWatch(rules, begin)
	decided := false
	for _, s := range steps {
		look := verdict.Look{Start: at(s.at), End: at(s.at), Saw: string(s.what), Yes: s.what == 'y', No: s.what == 'n'}
		if s.what == '!' {
			look.Err = errors.New("the API server is away")
		}
		decided = w.Add(look)
	}
	return w.Conclude(at(end)), decided
}

func TestConclude(t *testing.T) {
	once := verdict.Rules{MinLooks: 3, MaxGap: 3 * time.Second}
	single := verdict.Rules{Single: true, MinLooks: 3, MaxGap: 3 * time.Second}
	noLasts := verdict.Rules{No: verdict.Lasting, MinLooks: 3, MaxGap: 3 * time.Second}
	yesLasts := verdict.Rules{Yes: verdict.Lasting, MinLooks: 3, MaxGap: 3 * time.Second}
	every2s := func(what string) (steps []step) {
		for i, r := range what {
			steps = append(steps, step{float64(2 * (i + 1)), r})
		}
		return steps
	}
	for name, c := range map[string]struct {
		rules   verdict.Rules
		steps   []step
		end     float64
		truth   claim.Observed
		decided bool
		why     string
	}{
		"yes":                                  {once, every2s("--y"), 6, claim.SawTrue, true, ""},
		"no":                                   {once, every2s("--n"), 6, claim.SawFalse, true, ""},
		"an expired deadline is not an answer": {once, every2s("---"), 6, claim.Nothing, false, "neither answer was seen within 6.0 s; last seen: -"},
		"no look was made":                     {once, nil, 6, claim.Nothing, false, "no look was made within 6.0 s"},
		"all looks failed":                     {once, every2s("!!!"), 6, claim.Nothing, false, "no look succeeded within 6.0 s: the API server is away"},
		"the last look failed":                 {once, every2s("--!"), 6, claim.Nothing, false, "the last look failed: the API server is away"},
		"the first looks failed":               {once, every2s("!!y"), 6, claim.SawTrue, true, ""},
		"one look shows yes":                   {single, every2s("y"), 2, claim.SawTrue, true, ""},
		"one look shows no":                    {single, every2s("n"), 2, claim.SawFalse, true, ""},
		"one look shows neither":               {single, every2s("-"), 2, claim.Nothing, false, "neither answer was seen: -"},
		"one look fails":                       {single, every2s("!"), 2, claim.Nothing, false, "no look succeeded"},
		"no lasts":                             {noLasts, every2s("nnn"), 6, claim.SawFalse, false, ""},
		"no lasts, with an error between":      {noLasts, []step{{1, 'n'}, {2, '!'}, {3, 'n'}, {5, 'n'}}, 6, claim.SawFalse, false, ""},
		"no did not last: yes came":            {noLasts, every2s("nny"), 6, claim.SawTrue, true, ""},
		"no did not last: neither came":        {noLasts, every2s("n-n"), 6, claim.Nothing, false, "neither answer was seen within 6.0 s; last seen: n"},
		"too few looks for no to last":         {noLasts, every2s("nn"), 4, claim.Nothing, false, "2 of 2 looks succeeded, and at least 3 are needed"},
		"a gap before the first look":          {noLasts, []step{{4, 'n'}, {5, 'n'}, {6, 'n'}}, 6, claim.Nothing, false, "for 4.0 s no look succeeded, and at most 3s are allowed"},
		"a gap in the middle":                  {noLasts, []step{{1, 'n'}, {2, 'n'}, {6, 'n'}}, 6, claim.Nothing, false, "for 4.0 s"},
		"a gap made of errors":                 {noLasts, []step{{1, 'n'}, {2, '!'}, {4, '!'}, {5, 'n'}, {6, 'n'}}, 6, claim.Nothing, false, "for 4.0 s"},
		"a gap after the last look":            {noLasts, []step{{1, 'n'}, {2, 'n'}, {3, 'n'}}, 9, claim.Nothing, false, "for 6.0 s"},
		"looks that fail at the end":           {noLasts, []step{{1, 'n'}, {2, 'n'}, {3, 'n'}, {4, '!'}}, 4, claim.Nothing, false, "the last look failed: the API server is away"},
		"only a look that hung":                {noLasts, []step{{20, 'n'}}, 20, claim.Nothing, false, "1 of 1 looks"},
		"yes lasts":                            {yesLasts, every2s("yyy"), 6, claim.SawTrue, false, ""},
		"yes did not last: no came":            {yesLasts, every2s("yyn"), 6, claim.SawFalse, true, ""},
		"yes did not last: neither came":       {yesLasts, every2s("yy-"), 6, claim.Nothing, false, "neither answer was seen"},
		"yes lasted, and then looks failed":    {yesLasts, []step{{1, 'y'}, {2, 'y'}, {3, 'y'}, {4, '!'}, {8, '!'}}, 8, claim.Nothing, false, "the last look failed"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			got, decided := watch(c.rules, c.end, c.steps...)
			g.Expect(got.Truth).To(Equal(c.truth))
			g.Expect(decided).To(Equal(c.decided))
			g.Expect(got.Why).To(ContainSubstring(c.why))
			g.Expect(got.Why == "").To(Equal(c.truth != claim.Nothing), "a reason is given exactly if nothing was observed: %q", got.Why)
			g.Expect(got.Looks.Count).To(Equal(len(c.steps)))
		})
	}
}

func TestConcludeReturnsTheLooks(t *testing.T) {
	g := NewWithT(t)
	got, _ := watch(verdict.Rules{No: verdict.Lasting, MinLooks: 3, MaxGap: time.Second}, 7, step{1, 'n'}, step{2, '!'}, step{4, 'n'}, step{5, '-'}, step{7, 'y'})
	looks := got.Looks
	g.Expect([]int{looks.Count, looks.Failed, looks.True.Times(), looks.False.Times(), looks.Neither.Times()}).To(Equal([]int{5, 1, 1, 2, 1}))
	g.Expect(looks.LargestGap).To(BeNumerically("~", 3))
	g.Expect(looks.Failure).To(Equal("the API server is away"))
	g.Expect(looks.False.First.At).To(Equal(at(1)))
	g.Expect(looks.False.Last.At).To(Equal(at(4)))
	g.Expect(looks.From).To(Equal(begin))
	g.Expect(looks.To).To(Equal(at(7)))
	g.Expect(looks.Turned()).To(BeFalse(), "the answer was awaited")
	g.Expect(got.Saw).To(Equal("y"))
}

func TestComplete(t *testing.T) {
	g := NewWithT(t)
	w := verdict.NewWatch(verdict.Rules{Yes: verdict.Lasting, MinLooks: 2}, begin)
	w.Add(verdict.Look{End: at(1), Yes: true})
	w.Add(verdict.Look{End: at(2), Err: errors.New("away")})
	g.Expect(w.Complete()).To(BeFalse())
	w.Add(verdict.Look{End: at(3), Yes: true})
	g.Expect(w.Complete()).To(BeTrue())
	w.Add(verdict.Look{End: at(4), Err: errors.New("away")})
	g.Expect(w.Complete()).To(BeFalse(), "the last look failed")
}

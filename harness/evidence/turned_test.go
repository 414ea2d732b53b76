package evidence

import (
	"testing"
	"time"
)

func TestTurned(t *testing.T) {
	at := func(second int64) *Outcome { return &Outcome{Count: 1, First: Sight{At: time.Unix(second, 0)}} }
	both, one := &Looks{Count: 2, True: at(1), False: at(2)}, &Looks{Count: 2, True: at(1), Neither: at(2)}
	awaited := &Looks{Count: 2, False: at(1), True: at(2)}
	back := &Looks{Count: 3, True: at(2), False: &Outcome{Count: 2, First: Sight{At: time.Unix(1, 0)}, Last: Sight{At: time.Unix(3, 0)}}}
	for name, test := range map[string]struct {
		evidence       []Evidence
		point, control bool
	}{
		"nothing was looked at":          {nil, false, false},
		"a record of an earlier version": {[]Evidence{{Saw: "x"}}, false, false},
		"one answer and neither":         {[]Evidence{{Looks: one}}, false, false},
		"both answers":                   {[]Evidence{{Looks: one}, {Looks: both}}, true, true},
		"an answer that was awaited":     {[]Evidence{{Looks: awaited}}, false, false},
		"one that did not stay":          {[]Evidence{{Looks: back}}, true, true},
		"both answers, in support":       {[]Evidence{{Looks: both, Supporting: true}}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			point, control := Point{Evidence: test.evidence}, Control{Evidence: test.evidence}
			if got := point.Turned(); got != test.point {
				t.Errorf("the point turned: %t, want %t", got, test.point)
			}
			if got := control.Turned(); got != test.control {
				t.Errorf("the control turned: %t, want %t", got, test.control)
			}
			if got := (&Claim{Points: []Point{{}, point}}).Turned(); got != test.point {
				t.Errorf("the claim turned: %t, want %t", got, test.point)
			}
			if (&Claim{Control: []Control{control}}).Turned() {
				t.Error("the claim turned for its control")
			}
		})
	}
}

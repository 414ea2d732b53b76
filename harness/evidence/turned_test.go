package evidence

import "testing"

func TestTurned(t *testing.T) {
	once := &Outcome{Count: 1}
	both, one := &Looks{Count: 2, True: once, False: once}, &Looks{Count: 2, True: once, Neither: once}
	for name, test := range map[string]struct {
		evidence       []Evidence
		point, control bool
	}{
		"nothing was looked at":          {nil, false, false},
		"a record of an earlier version": {[]Evidence{{Saw: "x"}}, false, false},
		"one answer and neither":         {[]Evidence{{Looks: one}}, false, false},
		"both answers":                   {[]Evidence{{Looks: one}, {Looks: both}}, true, true},
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

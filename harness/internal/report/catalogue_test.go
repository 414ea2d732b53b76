package report

import (
	"strings"
	"testing"

	"github.com/noteproof/noteproof/harness/claim"
)

func TestCatalogue(t *testing.T) {
	got := Catalogue([]claim.Claim{{
		ID: "dashboard.token", Quote: "get secret |\n  grep admin", Needs: []claim.Need{claim.NodeAccess}, Alone: true,
		Points:     []*claim.Point{claim.P("a token is printed", claim.TrueBefore("1.24")).KO("토큰이 출력된다")},
		Correction: claim.Text{KO: "바뀌었다.", EN: "It changed."},
		Remark:     claim.Remark{KO: "만료된다.", EN: "It expires."},
	}})
	for _, want := range []string{
		`| [dashboard.token](#dashboardtoken) | get secret \| grep admin | a token is printed: **true before v1.24** |`,
		"\n- a token is printed: **true before v1.24**<br>토큰이 출력된다\n", "Rather: It changed.", "정정: 바뀌었다.", "Note: It expires.", "참고: 만료된다.", "Needs access to nodes, to run alone.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the catalogue lacks %q:\n%s", want, got)
		}
	}
}

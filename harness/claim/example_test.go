package claim_test

import (
	"fmt"

	"github.com/noteproof/noteproof/harness/claim"
)

// A verdict follows from what was observed of the points. A point that was not observed makes the claim inconclusive.
func ExampleJudge() {
	fmt.Println(claim.Judge([]claim.Observed{claim.SawTrue, claim.SawTrue}))
	fmt.Println(claim.Judge([]claim.Observed{claim.SawTrue, claim.SawFalse}))
	fmt.Println(claim.Judge([]claim.Observed{claim.SawFalse}))
	fmt.Println(claim.Judge([]claim.Observed{claim.SawFalse, claim.Nothing}))
	// Output:
	// holds
	// in part
	// refuted
	// inconclusive
}

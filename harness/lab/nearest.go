package lab

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/pmezard/go-difflib/difflib"
)

// nearestCount is how many IDs are offered when an expression chooses none.
const nearestCount = 3

// nearest are the IDs that have most in common with what an expression, or an ID, asks for, the most similar first.
func nearest(asked string, ids []string) []string {
	words := strings.Split(notInIDs.ReplaceAllString(strings.ReplaceAll(asked, "_", "-"), ""), "")
	likeness := map[string]float64{}
	for _, id := range ids {
		likeness[id] = difflib.NewMatcher(words, strings.Split(id, "")).Ratio()
	}
	sorted := slices.SortedStableFunc(slices.Values(ids), func(a, b string) int { return cmp.Compare(likeness[b], likeness[a]) })
	return sorted[:min(nearestCount, len(sorted))]
}

// notInIDs is what an expression may hold and an ID may not.
var notInIDs = regexp.MustCompile(`[^a-z0-9.-]+`)

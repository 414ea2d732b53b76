package lab

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/pmezard/go-difflib/difflib"
)

// nearestCount is how many IDs are suggested if an expression chooses none.
const nearestCount = 3

// nearest returns the IDs that are most similar to an expression, or to an ID, the most similar first.
func nearest(asked string, ids []string) []string {
	words := strings.Split(notInIDs.ReplaceAllString(strings.ReplaceAll(asked, "_", "-"), ""), "")
	similarity := map[string]float64{}
	for _, id := range ids {
		similarity[id] = difflib.NewMatcher(words, strings.Split(id, "")).Ratio()
	}
	sorted := slices.SortedStableFunc(slices.Values(ids), func(a, b string) int { return cmp.Compare(similarity[b], similarity[a]) })
	return sorted[:min(nearestCount, len(sorted))]
}

// notInIDs matches what an expression may contain and an ID may not.
var notInIDs = regexp.MustCompile(`[^a-z0-9.-]+`)

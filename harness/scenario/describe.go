package scenario

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega/matchers"
	"github.com/onsi/gomega/types"

	"github.com/noteproof/noteproof/harness/match"
)

// describe returns a matcher in a few words. Our own matchers implement fmt.Stringer; those of gomega are described here.
func describe(matcher any) string {
	switch m := matcher.(type) {
	case fmt.Stringer:
		return m.String()
	case match.LastingAnswer:
		return "all the while " + describe(m.GomegaMatcher)
	case *matchers.ConsistOfMatcher:
		return "consist of [" + describeAll(m.Elements) + "]"
	case *matchers.ContainElementMatcher:
		return "contain one to " + describe(m.Element)
	case *matchers.HaveEachMatcher:
		return "each " + describe(m.Element)
	case *matchers.HaveLenMatcher:
		return fmt.Sprintf("be %d", m.Count)
	case *matchers.BeEmptyMatcher:
		return "be none"
	case *matchers.EqualMatcher:
		return fmt.Sprintf("equal %v", m.Expected)
	case *matchers.AndMatcher:
		return join(m.Matchers, " and ")
	case *matchers.OrMatcher:
		return join(m.Matchers, " or ")
	case *matchers.NotMatcher:
		return "not " + describe(m.Matcher)
	case types.GomegaMatcher:
		return strings.TrimPrefix(fmt.Sprintf("%T", m), "*matchers.")
	default:
		return fmt.Sprintf("equal %v", m)
	}
}

func describeAll(elements []any) string {
	words := make([]string, len(elements))
	for i, element := range elements {
		words[i] = describe(element)
	}
	return strings.Join(words, ", ")
}

func join(all []types.GomegaMatcher, word string) string {
	words := make([]string, len(all))
	for i, m := range all {
		words[i] = describe(m)
	}
	return strings.Join(words, word)
}

package scenario

import (
	"errors"
	"reflect"

	"github.com/onsi/gomega/matchers"
	"github.com/onsi/gomega/types"
)

// matcherTypeError returns why a part of a matcher cannot be applied to what was seen. Most matchers of gomega return such an
// error themselves. Those that pair a list of matchers with the elements of a list treat it as a mismatch.
func matcherTypeError(matcher any, seen any) error {
	switch m := matcher.(type) {
	case *matchers.ConsistOfMatcher:
		return elementTypeError(m.Elements, seen)
	case *matchers.ContainElementsMatcher:
		return elementTypeError(m.Elements, seen)
	case *matchers.HaveExactElementsMatcher:
		return errors.New("HaveExactElements hides the errors of its elements; use ConsistOf")
	case *matchers.AndMatcher:
		return anyTypeError(m.Matchers, seen)
	case *matchers.OrMatcher:
		return anyTypeError(m.Matchers, seen)
	case *matchers.NotMatcher:
		return matcherTypeError(m.Matcher, seen)
	case contrary:
		return matcherTypeError(m.of, seen)
	default:
		return nil
	}
}

func anyTypeError(all []types.GomegaMatcher, seen any) error {
	for _, m := range all {
		if err := matcherTypeError(m, seen); err != nil {
			return err
		}
	}
	return nil
}

// elementTypeError applies each matcher in elements to each element of what was seen.
func elementTypeError(elements []any, seen any) error {
	list := reflect.ValueOf(seen)
	if list.Kind() != reflect.Slice && list.Kind() != reflect.Array {
		return nil // the matcher itself returns an error
	}
	for _, element := range elements {
		m, ok := element.(types.GomegaMatcher)
		if !ok {
			continue
		}
		for i := range list.Len() {
			if _, err := m.Match(list.Index(i).Interface()); err != nil {
				return err
			}
			if err := matcherTypeError(m, list.Index(i).Interface()); err != nil {
				return err
			}
		}
	}
	return nil
}

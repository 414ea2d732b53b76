package scenario

import (
	"errors"
	"reflect"

	"github.com/onsi/gomega/matchers"
	"github.com/onsi/gomega/types"
)

// misapplied returns why a part of a matcher cannot be applied to what was seen. Most of gomega's matchers return that
// themselves; those that pair a list of matchers with the elements of what was seen take it for a mismatch.
func misapplied(matcher any, seen any) error {
	switch m := matcher.(type) {
	case *matchers.ConsistOfMatcher:
		return eachMisapplied(m.Elements, seen)
	case *matchers.ContainElementsMatcher:
		return eachMisapplied(m.Elements, seen)
	case *matchers.HaveExactElementsMatcher:
		return errors.New("HaveExactElements hides the errors of its elements; use ConsistOf")
	case *matchers.AndMatcher:
		return anyMisapplied(m.Matchers, seen)
	case *matchers.OrMatcher:
		return anyMisapplied(m.Matchers, seen)
	case *matchers.NotMatcher:
		return misapplied(m.Matcher, seen)
	case contrary:
		return misapplied(m.of, seen)
	default:
		return nil
	}
}

func anyMisapplied(all []types.GomegaMatcher, seen any) error {
	for _, m := range all {
		if err := misapplied(m, seen); err != nil {
			return err
		}
	}
	return nil
}

// eachMisapplied applies those of the elements that are matchers to each element of what was seen.
func eachMisapplied(elements []any, seen any) error {
	list := reflect.ValueOf(seen)
	if list.Kind() != reflect.Slice && list.Kind() != reflect.Array {
		return nil // the matcher itself says so
	}
	for _, element := range elements {
		m, is := element.(types.GomegaMatcher)
		if !is {
			continue
		}
		for i := range list.Len() {
			if _, err := m.Match(list.Index(i).Interface()); err != nil {
				return err
			}
			if err := misapplied(m, list.Index(i).Interface()); err != nil {
				return err
			}
		}
	}
	return nil
}

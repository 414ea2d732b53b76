package match

import (
	"fmt"
	"reflect"

	"github.com/onsi/gomega/gcustom"
	"github.com/onsi/gomega/types"
)

// Described is a matcher whose String method returns in a few words what it requires: "be ready".
type Described interface {
	types.GomegaMatcher
	fmt.Stringer
}

type described struct {
	types.GomegaMatcher
	wants string
}

func (d described) String() string { return d.wants }

// That returns a matcher with a description in a few words, such as "be ready", and a test for one type of value. The matcher
// returns an error for a value of any other type, including nil: the scenario is wrong then.
func That[T any](wants string, test func(T) bool) Described {
	return thatOrError(wants, func(seen T) (bool, error) { return test(seen), nil })
}

// thatOrError is That with a test that may return an error for a value of the right type.
func thatOrError[T any](wants string, test func(T) (bool, error)) Described {
	// The type check of gcustom accepts nil as the zero value.
	match := func(seen any) (bool, error) {
		value, ok := seen.(T)
		if !ok {
			return false, fmt.Errorf("the matcher %q is for a %s, and was applied to a %T", wants, reflect.TypeFor[T](), seen)
		}
		return test(value)
	}
	return described{gcustom.MakeMatcher(match).WithMessage(wants), wants}
}

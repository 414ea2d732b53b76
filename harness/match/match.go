package match

import (
	"fmt"
	"reflect"

	"github.com/onsi/gomega/gcustom"
	"github.com/onsi/gomega/types"
)

// Described is a matcher that can say in a few words what it wants: "be ready".
type Described interface {
	types.GomegaMatcher
	fmt.Stringer
}

type described struct {
	types.GomegaMatcher
	wants string
}

func (d described) String() string { return d.wants }

// That makes a matcher of a few words, such as "be ready", and a test on one type of value. Any other value, nil included, is
// an error of the scenario: it answers nothing.
func That[T any](wants string, test func(T) bool) Described {
	return thatOrError(wants, func(seen T) (bool, error) { return test(seen), nil })
}

// thatOrError is That with a test that may find itself not applicable to a value of the right type.
func thatOrError[T any](wants string, test func(T) (bool, error)) Described {
	// gcustom's own check of the type takes nil for the zero value.
	match := func(seen any) (bool, error) {
		value, is := seen.(T)
		if !is {
			return false, fmt.Errorf("to %s is wanted of a %T, which only a %s can do", wants, seen, reflect.TypeFor[T]())
		}
		return test(value)
	}
	return described{gcustom.MakeMatcher(match).WithMessage(wants), wants}
}

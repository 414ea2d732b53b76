package match

import (
	"reflect"

	"github.com/onsi/gomega/types"
)

// prerequisite is a matcher on the health of a Pod. No claim is about health, so a point must not be judged by it: a step
// waits for it.
type prerequisite struct{ Described }

// IsPrerequisite reports whether a matcher is on the health of Pods: BeReady and BeRunning are, and so is every
// composition that contains one, such as ConsistOf(And(BeReady(), Not(BeAmong(old)))). A matcher hidden in a function,
// as by Satisfy, is not found.
func IsPrerequisite(m types.GomegaMatcher) bool {
	return contains(reflect.ValueOf(m), map[uintptr]bool{})
}

// contains looks for a prerequisite in all that a matcher is composed of, exported or not, so that it need not know the
// types of compositions. Seen holds the pointers on the way, which may lead in a circle.
func contains(value reflect.Value, seen map[uintptr]bool) bool {
	if !value.IsValid() || value.Type() == reflect.TypeFor[prerequisite]() {
		return value.IsValid()
	}
	switch value.Kind() {
	case reflect.Pointer, reflect.Map:
		if seen[value.Pointer()] {
			return false
		}
		seen[value.Pointer()] = true
	}
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		return contains(value.Elem(), seen)
	case reflect.Struct:
		for i := range value.NumField() {
			if contains(value.Field(i), seen) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range value.Len() {
			if contains(value.Index(i), seen) {
				return true
			}
		}
	case reflect.Map:
		for each := value.MapRange(); each.Next(); {
			if contains(each.Key(), seen) || contains(each.Value(), seen) {
				return true
			}
		}
	}
	return false
}

package match

import (
	"reflect"

	"github.com/onsi/gomega/types"
)

// prerequisite is a matcher for the health of a Pod. No claim is about health, so a point must not use it: a step waits for it.
type prerequisite struct{ Described }

// IsPrerequisite returns whether a matcher is about the health of Pods: BeReady, BeRunning, and every composition that contains
// one of them, such as ConsistOf(And(BeReady(), Not(BeAmong(old)))). It does not find a matcher inside a function, such as that
// of Satisfy.
func IsPrerequisite(m types.GomegaMatcher) bool {
	return contains(reflect.ValueOf(m), map[uintptr]bool{})
}

// contains searches all fields and elements of a matcher for a prerequisite, exported or not, so that it need not know the
// types of compositions. seen holds the visited pointers, since there may be cycles.
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

package evidence

import (
	"reflect"

	"github.com/noteproof/noteproof/harness/internal/secret"
)

// mask masks all strings in a value, so that no secret reaches a file or a page, and returns whether there was one. It writes
// only what it changes, because a string without a secret may be read concurrently.
func mask(value reflect.Value) bool {
	changed := false
	switch value.Kind() {
	case reflect.Pointer:
		return !value.IsNil() && mask(value.Elem())
	case reflect.Interface:
		if !value.IsNil() {
			changed = maskCopy(value.Elem(), value.Set)
		}
	case reflect.Struct:
		for field, inside := range value.Fields() {
			if field.IsExported() {
				changed = mask(inside) || changed
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range value.Len() {
			changed = mask(value.Index(i)) || changed
		}
	case reflect.Map:
		return maskMap(value)
	case reflect.String:
		masked := secret.Mask(value.String())
		if changed = masked != value.String(); changed {
			value.SetString(masked)
		}
	}
	return changed
}

// maskCopy masks a copy of a value that cannot be set directly, and calls set with the copy if it changed.
func maskCopy(value reflect.Value, set func(reflect.Value)) bool {
	masked := reflect.New(value.Type()).Elem()
	masked.Set(value)
	changed := mask(masked)
	if changed {
		set(masked)
	}
	return changed
}

// maskMap masks the keys and values of a map.
func maskMap(value reflect.Value) bool {
	changed := false
	for _, key := range value.MapKeys() {
		changed = maskCopy(value.MapIndex(key), func(masked reflect.Value) { value.SetMapIndex(key, masked) }) || changed
		changed = maskCopy(key, func(masked reflect.Value) {
			value.SetMapIndex(masked, value.MapIndex(key))
			value.SetMapIndex(key, reflect.Value{})
		}) || changed
	}
	return changed
}

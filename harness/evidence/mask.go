package evidence

import (
	"reflect"
	"regexp"
)

// tokens are JSON Web Tokens (RFC 7519), which begin with the base64 of `{"`, whole or cut short, and such a token in
// base64 once more, as it stands in a Secret.
var tokens = regexp.MustCompile(`eyJ[\w-]{8,}(\.[\w-]*){0,2}|ZXlK[\w+/-]{8,}={0,2}`)

// Mask puts a note in the place of everything in the text that looks like a token.
func Mask(text string) string { return tokens.ReplaceAllString(text, "[a token, masked]") }

// mask masks every text of a value, so that no token reaches a file or a page that is made of it, and reports whether
// there was one. It writes only what it changes: a text without a token may be read at the same time.
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
		masked := Mask(value.String())
		if changed = masked != value.String(); changed {
			value.SetString(masked)
		}
	}
	return changed
}

// maskCopy masks a value that cannot be set where it stands, and sets the masked copy when there was something to mask.
func maskCopy(value reflect.Value, set func(reflect.Value)) bool {
	masked := reflect.New(value.Type()).Elem()
	masked.Set(value)
	changed := mask(masked)
	if changed {
		set(masked)
	}
	return changed
}

// maskMap masks the values of a map, and its keys.
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

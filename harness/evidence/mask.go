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

// mask masks every text of a record, so that no token reaches a file or a page that is made of it.
func mask(value reflect.Value) {
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			mask(value.Elem())
		}
	case reflect.Struct:
		for field, inside := range value.Fields() {
			if field.IsExported() {
				mask(inside)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range value.Len() {
			mask(value.Index(i))
		}
	case reflect.String:
		if value.CanSet() {
			value.SetString(Mask(value.String()))
		}
	}
}

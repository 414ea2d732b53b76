package probe

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Stored is what the API server would store of one field of an object.
type Stored struct {
	Field string // its path, such as "spec.containers.web.livenessProbe.grpc"
	Value string // as JSON; empty if the field would not be stored
	// Refusal is the API server's answer if it refuses the object; otherwise the zero value.
	Refusal Answer
}

func (s Stored) String() string {
	switch {
	case s.Refusal.Status != 0:
		return "refused: " + s.Refusal.String()
	case s.Value == "":
		return s.Field + " is dropped"
	default:
		return s.Field + ": " + shorten(s.Value)
	}
}

// StoredField returns the Stored of a field of an object. The path of the field consists of names. In a list, it has the name of an
// element, or its number from 0.
func StoredField(object map[string]any, field string) (Stored, error) {
	value, found := fieldOf(object, strings.Split(field, "."))
	if !found {
		return Stored{Field: field}, nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return Stored{}, fmt.Errorf("write the field %s as JSON: %w", field, err)
	}
	return Stored{Field: field, Value: string(text)}, nil
}

func fieldOf(value any, path []string) (any, bool) {
	if len(path) == 0 {
		return value, value != nil
	}
	switch value := value.(type) {
	case map[string]any:
		return fieldOf(value[path[0]], path[1:])
	case []any:
		named := func(element any) bool {
			fields, _ := element.(map[string]any)
			return fields["name"] == path[0]
		}
		if i := slices.IndexFunc(value, named); i >= 0 {
			return fieldOf(value[i], path[1:])
		}
		if i, err := strconv.Atoi(path[0]); err == nil && i >= 0 && i < len(value) {
			return fieldOf(value[i], path[1:])
		}
	}
	return nil, false
}

package evidence_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// object is what the schema says of one kind of object.
type object struct {
	Required   []string            `json:"required"`
	Properties map[string]property `json:"properties"`
	Enum       []claim.Verdict     `json:"enum"`
}

// property is what the schema says of one field.
type property struct {
	Ref   string     `json:"$ref"`
	Type  any        `json:"type"`
	Enum  []string   `json:"enum"`
	Const *int       `json:"const"`
	Items *property  `json:"items"`
	OneOf []property `json:"oneOf"`
}

type schema struct {
	Ref  string            `json:"$ref"`
	Defs map[string]object `json:"$defs"`
}

func readSchema(t *testing.T) schema {
	t.Helper()
	text, err := os.ReadFile("verdicts.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatalf("verdicts.schema.json: %v", err)
	}
	return s
}

func TestTheSchemaAndTheRecordAgree(t *testing.T) {
	s := readSchema(t)
	if s.Ref != "#/$defs/Record" {
		t.Errorf("the schema describes %q, want the Record", s.Ref)
	}
	seen := map[string]bool{"Verdict": true, "Turn": true, "Truth": true}
	agree(t, s, reflect.TypeFor[evidence.Record](), seen)
	for name := range s.Defs {
		if !seen[name] {
			t.Errorf("the schema defines %s, which no field of the record leads to", name)
		}
	}
	if c := s.Defs["Record"].Properties["schema"].Const; c == nil || *c != evidence.Schema {
		t.Errorf("the schema's version is not that of the record, %d", evidence.Schema)
	}
	want := []claim.Verdict{claim.Holds, claim.InPart, claim.Refuted, claim.Inconclusive, claim.NotRun}
	if got := s.Defs["Verdict"].Enum; !slices.Equal(got, want) {
		t.Errorf("the schema's verdicts are %q, want %q", got, want)
	}
	kinds := []string{string(evidence.Witness), string(evidence.Contrast)}
	if got := s.Defs["Control"].Properties["kind"].Enum; !slices.Equal(got, kinds) {
		t.Errorf("the schema's kinds of controls are %q, want %q", got, kinds)
	}
}

func TestTheSchemaOfSeveralRecordsAndWhatIsWrittenAgree(t *testing.T) {
	text, err := os.ReadFile("records.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var several object
	if err := json.Unmarshal(text, &several); err != nil {
		t.Fatalf("records.schema.json: %v", err)
	}
	path := filepath.Join(t.TempDir(), evidence.RecordFile)
	if err := evidence.WriteRecords(path, []*evidence.Record{{Version: "v1.37.2"}, {Wanted: "v1.25.16"}}); err != nil {
		t.Fatal(err)
	}
	if text, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	written := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &written); err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(written)); !slices.Equal(got, slices.Sorted(slices.Values(several.Required))) {
		t.Errorf("written are %v, the schema requires %v", got, several.Required)
	}
	if c := several.Properties["schema"].Const; c == nil || string(written["schema"]) != fmt.Sprint(*c) {
		t.Errorf("the schema's version is not the one that is written, %s", written["schema"])
	}
	if several.Properties["records"].Items.Ref != "verdicts.schema.json" {
		t.Error("the schema does not say where that of a record is")
	}
	if _, err := evidence.Load(path); err == nil || !strings.Contains(err.Error(), "several runs") {
		t.Errorf("several records are read as one, with the error %v", err)
	}
}

// agree compares the fields of a struct with the schema's object of the same name, and goes on to the structs in it.
func agree(t *testing.T, s schema, typ reflect.Type, seen map[string]bool) {
	t.Helper()
	if seen[typ.Name()] {
		return
	}
	seen[typ.Name()] = true
	o, ok := s.Defs[typ.Name()]
	if !ok {
		t.Errorf("the schema does not define %s", typ.Name())
		return
	}
	var required []string
	names := map[string]bool{}
	for field := range fields(typ) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		names[name] = true
		if !strings.Contains(options, "omit") {
			required = append(required, name)
		}
		p, ok := o.Properties[name]
		if !ok {
			t.Errorf("%s.%s is not in the schema", typ.Name(), name)
			continue
		}
		if got, want := said(p), wanted(field.Type); got != want {
			t.Errorf("%s.%s is %s in the schema, %s in the record", typ.Name(), name, got, want)
		}
		if inner := structOf(field.Type); inner != nil {
			agree(t, s, inner, seen)
		}
	}
	for name := range maps.Keys(o.Properties) {
		if !names[name] {
			t.Errorf("the schema's %s has %s, the record has not", typ.Name(), name)
		}
	}
	slices.Sort(required)
	if got := slices.Sorted(slices.Values(o.Required)); !slices.Equal(got, required) {
		t.Errorf("the schema requires %v of a %s, the record always writes %v", got, typ.Name(), required)
	}
}

func fields(typ reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range typ.NumField() {
			if !yield(typ.Field(i)) {
				return
			}
		}
	}
}

// structOf is the struct of ours that a field holds, directly, by pointer or in a list.
func structOf(typ reflect.Type) reflect.Type {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if typ.Kind() == reflect.Struct && typ != reflect.TypeFor[time.Time]() {
		return typ
	}
	return nil
}

// wanted is what a Go type is called in the schema, said what a property calls itself.
func wanted(typ reflect.Type) string {
	switch {
	case typ == reflect.TypeFor[time.Time]():
		return "string"
	case typ == reflect.TypeFor[claim.Verdict]():
		return "Verdict"
	case typ == reflect.TypeFor[evidence.Turn]():
		return "Turn"
	case typ == reflect.TypeFor[claim.Observed]():
		return "Truth"
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return wanted(typ.Elem()) + " or null"
	case reflect.Slice:
		return "list of " + strings.TrimSuffix(wanted(typ.Elem()), " or null")
	case reflect.Struct:
		return typ.Name()
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Float64:
		return "number"
	default:
		return typ.Kind().String()
	}
}

func said(p property) string {
	switch {
	case p.Ref != "":
		return strings.TrimPrefix(p.Ref, "#/$defs/")
	case len(p.OneOf) == 2 && p.OneOf[1].Type == "null":
		return said(p.OneOf[0]) + " or null"
	case p.Items != nil:
		return "list of " + said(*p.Items)
	default:
		text, _ := p.Type.(string)
		return text
	}
}

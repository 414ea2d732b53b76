package evidence_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	invopop "github.com/invopop/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

var update = flag.Bool("update", false, "write the schemas")

const (
	recordSchema  = "verdicts.schema.json"
	recordsSchema = "records.schema.json"
)

// open returns the published schemas, which allow unknown fields: readers must ignore fields that they do not know.
func open() map[string]*invopop.Schema { return schemas(true) }

// schemas generates the schemas from the types and their comments.
func schemas(additional bool) map[string]*invopop.Schema {
	r := &invopop.Reflector{
		Anonymous: true, AllowAdditionalProperties: additional,
		Mapper: func(t reflect.Type) *invopop.Schema {
			switch t {
			case reflect.TypeFor[claim.Verdict]():
				return &invopop.Schema{Ref: "#/$defs/Verdict"}
			case reflect.TypeFor[claim.Observed]():
				return &invopop.Schema{Ref: "#/$defs/Truth"}
			case reflect.TypeFor[evidence.Shard]():
				return &invopop.Schema{Type: "string", Pattern: "^[0-9]+/[0-9]+$"}
			}
			return nil
		},
	}
	for _, dir := range []string{".", "../claim"} {
		if err := r.AddGoComments("github.com/noteproof/noteproof/harness/evidence", dir, invopop.WithFullComment()); err != nil {
			panic(err)
		}
	}
	const stable = " `schema` increases when a change is incompatible with existing readers. New fields do not increase it, so readers must " +
		"ignore fields that they do not know."

	record := r.Reflect(evidence.Record{})
	record.Title = "verdicts.json: the record of one run"
	record.Description = "What was claimed, what was expected, what was seen on a cluster, and when." + stable
	record.Definitions["Verdict"] = &invopop.Schema{
		Type: "string", Enum: []any{claim.Holds, claim.InPart, claim.Refuted, claim.Inconclusive, claim.NotRun},
		Description: "All points true: holds. All false: refuted. Mixed: in part. A point that was not observed, or whose witness " +
			"or contrast failed: inconclusive. The cluster does not meet a need, or the claim was not chosen: not run.",
	}
	record.Definitions["Truth"] = &invopop.Schema{
		OneOf: []*invopop.Schema{{Type: "boolean"}, {Type: "null"}}, Description: "What was observed; null when it shows nothing.",
	}

	r.ExpandedStruct = true
	r.Lookup = func(t reflect.Type) invopop.ID {
		if t == reflect.TypeFor[evidence.Record]() {
			return recordSchema
		}
		return ""
	}
	records := r.Reflect(evidence.Records{})
	records.Title = "verdicts.json of several runs"
	records.Description = "The records of several runs in one file, each of the form of " + recordSchema + "." + stable
	for _, object := range append(slices.Collect(maps.Values(record.Definitions)), records) {
		listsMayBeNull(object)
	}
	for _, object := range []*invopop.Schema{record.Definitions["Record"], records} {
		version, _ := object.Properties.Get("schema")
		version.Const = evidence.Schema
	}
	return map[string]*invopop.Schema{recordSchema: record, recordsSchema: records}
}

// listsMayBeNull allows null for required lists, because encoding/json writes a nil slice as null.
func listsMayBeNull(object *invopop.Schema) {
	for _, name := range object.Required {
		if list, _ := object.Properties.Get(name); list.Type == "array" {
			object.Properties.Set(name, &invopop.Schema{
				OneOf: []*invopop.Schema{{Type: "array", Items: list.Items}, {Type: "null"}}, Description: list.Description,
			})
		}
	}
}

func TestSchemasMatchTheTypes(t *testing.T) {
	for path, schema := range open() {
		want, err := json.MarshalIndent(schema, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, '\n')
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s does not match the types in record.go (%v): go test ./harness/evidence -run Schemas -update", path, err)
		}
	}
}

// compile compiles the schemas and returns the one of this name.
func compile(t *testing.T, name string, of map[string]*invopop.Schema) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	for path, schema := range of {
		text, err := json.Marshal(schema)
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiler.AddResource(path, document); err != nil {
			t.Fatal(err)
		}
	}
	return compiler.MustCompile(name)
}

func validate(t *testing.T, schema *jsonschema.Schema, path string) error {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(document)
}

// The committed records are of several versions of noteproof.
func TestCommittedRecordsFitTheSchema(t *testing.T) {
	paths, err := filepath.Glob("../../docs/matrix/*/" + evidence.RecordFile)
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no committed records: %v", err)
	}
	schema := compile(t, recordSchema, open())
	for _, path := range paths {
		if err := validate(t, schema, path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Records without optional fields and with all fields are validated against schemas that allow no other fields.
func TestRecordsFitTheSchemas(t *testing.T) {
	for name, record := range map[string]*evidence.Record{
		"bare": {Claims: []*evidence.Claim{{ID: "a.b", Verdict: claim.NotRun, Expected: claim.Holds}}},
		"full": filled(),
	} {
		path := filepath.Join(t.TempDir(), evidence.RecordFile)
		if _, err := evidence.NewRecorder(path, record); err != nil {
			t.Fatal(err)
		}
		if err := validate(t, compile(t, recordSchema, schemas(false)), path); err != nil {
			t.Errorf("a %s record: %v", name, err)
		}
		if err := evidence.WriteRecords(path, []*evidence.Record{record}); err != nil {
			t.Fatal(err)
		}
		if err := validate(t, compile(t, recordsSchema, schemas(false)), path); err != nil {
			t.Errorf("several records, of them a %s one: %v", name, err)
		}
		if _, err := evidence.Load(path); err == nil || !strings.Contains(err.Error(), "several runs") {
			t.Errorf("several records are read as one, with the error %v", err)
		}
	}
}

func TestSchemaRefusesInvalidRecords(t *testing.T) {
	schema := compile(t, recordSchema, open())
	for name, spoil := range map[string]func(*evidence.Record){
		"a later schema":       func(r *evidence.Record) { r.Schema++ },
		"an unknown verdict":   func(r *evidence.Record) { r.Claims[0].Verdict = "perhaps" },
		"an ID without topic":  func(r *evidence.Record) { r.Claims[0].ID = "localhost" },
		"an unknown kind":      func(r *evidence.Record) { r.Claims[0].Control[0].Kind = "hearsay" },
		"an unknown turn":      func(r *evidence.Record) { r.Claims[0].Flip.Turn = "around" },
		"a disturbance's kind": func(r *evidence.Record) { r.Disturbance.Kind = "weather" },
	} {
		path := filepath.Join(t.TempDir(), evidence.RecordFile)
		recorder, err := evidence.NewRecorder(path, filled())
		if err != nil {
			t.Fatal(err)
		}
		if err := recorder.Change(spoil); err != nil {
			t.Fatal(err)
		}
		if err := validate(t, schema, path); err == nil {
			t.Errorf("%s fits the schema", name)
		}
	}
}

// filled returns a record with a value in every field.
func filled() *evidence.Record {
	record := &evidence.Record{}
	fill(reflect.ValueOf(record).Elem())
	record.Schema, record.Disturbance.Kind = evidence.Schema, evidence.Fault
	return record
}

func fill(v reflect.Value) {
	switch of := v.Addr().Interface().(type) {
	case *time.Time:
		*of = time.Now()
		return
	case *claim.Verdict:
		*of = claim.Holds
		return
	case *evidence.Turn:
		*of = evidence.Away
		return
	case *evidence.ControlKind:
		*of = evidence.Witness
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.String:
		v.SetString("a.b")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(1.5)
	default:
		panic("no value for " + v.Type().String())
	}
}

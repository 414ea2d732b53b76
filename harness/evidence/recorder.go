package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sync"
)

// Recorder owns the record while a run goes on. Its methods may be called from several scenarios at once. What it holds is
// read within Read, and changed within Change or ChangeClaim.
type Recorder struct {
	mu     sync.Mutex
	path   string
	record *Record
}

// NewRecorder starts a record that is written to the file at path, whose folder it makes.
func NewRecorder(path string, record *Record) (*Recorder, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the record: %w", err)
	}
	r := &Recorder{path: path, record: record}
	return r, r.Change(func(*Record) {})
}

// Path is where the record is written.
func (r *Recorder) Path() string { return r.path }

// Change lets do change the record and writes it. The file is always whole: a reader sees the record before the
// change or after it, never half of one. No token stays in the record.
func (r *Recorder) Change(do func(*Record)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	do(r.record)
	mask(reflect.ValueOf(r.record))
	return write(r.path, r.record)
}

// ChangeClaim lets do change one claim of the record, which must not touch anything else, and writes the record. The
// other claims are not searched for tokens again.
func (r *Recorder) ChangeClaim(c *Claim, do func(*Claim)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	do(c)
	mask(reflect.ValueOf(c))
	return write(r.path, r.record)
}

// Read lets do look at the record while nobody changes it.
func (r *Recorder) Read(do func(*Record)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	do(r.record)
}

// WriteRecords writes several records into one file.
func WriteRecords(path string, records []*Record) error {
	return write(path, Records{Schema: Schema, Records: records})
}

func write(path string, record any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // quotes are to be read by people too
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(record); err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	half := path + ".half"
	if err := os.WriteFile(half, text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	if err := os.Rename(half, path); err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	return nil
}

// Load reads a record that an earlier run wrote. It refuses a schema newer than it knows.
func Load(path string) (*Record, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the record: %w", err)
	}
	record := &Record{}
	several := Records{}
	if err := errors.Join(json.Unmarshal(text, record), json.Unmarshal(text, &several)); err != nil {
		return nil, fmt.Errorf("read the record %s: %w", path, err)
	}
	if several.Records != nil {
		return nil, fmt.Errorf("read the record %s: it holds the records of several runs: name those, which lie in the folders beside it", path)
	}
	if record.Schema > Schema {
		return nil, fmt.Errorf("read the record %s: it has schema %d, this noteproof knows up to %d: use a newer one", path, record.Schema, Schema)
	}
	return record, nil
}

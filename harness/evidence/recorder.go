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
	"time"

	"github.com/google/renameio/v2"
)

// writeWithin is how long after a change of one claim the record is on disk. Looks end by the dozen each second, and the
// whole record is one file of some 400 KB, which is synced to the disk at every write.
const writeWithin = 200 * time.Millisecond

// Recorder owns the record while a run goes on. Its methods may be called from several scenarios at once. What it holds is
// read within Read, and changed within Change or ChangeClaim.
type Recorder struct {
	path string

	mu     sync.Mutex // guards what follows
	record *Record
	due    *time.Timer // will write what ChangeClaim changed; nil when nothing is pending
	failed error       // the error of a write by due, until a change returns it

	writing sync.Mutex // is held during a write, and acquired before mu
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

// Change lets do change the record, and returns when it is on disk, with everything that ChangeClaim changed before. The
// file is always whole, also after a power failure: a reader sees the record before the change or after it, never half of
// one. No token stays in the record.
func (r *Recorder) Change(do func(*Record)) error {
	r.mu.Lock()
	do(r.record)
	mask(reflect.ValueOf(r.record))
	r.mu.Unlock()
	return r.write()
}

// ChangeClaim lets do change one claim of the record, which must not touch anything else. The record is on disk 200 ms
// later, or at the next Change; the error is that of such an earlier write. The other claims are not searched for tokens
// again.
func (r *Recorder) ChangeClaim(c *Claim, do func(*Claim)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	do(c)
	mask(reflect.ValueOf(c))
	if r.due == nil {
		r.due = time.AfterFunc(writeWithin, func() {
			if err := r.write(); err != nil {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.failed = err
			}
		})
	}
	err := r.failed
	r.failed = nil
	return err
}

func (r *Recorder) write() error {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.mu.Lock()
	if r.due != nil {
		r.due.Stop()
		r.due = nil
	}
	text, err := encode(r.record)
	r.mu.Unlock()
	if err != nil {
		return err
	}
	return replace(r.path, text)
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
	text, err := encode(record)
	if err != nil {
		return err
	}
	return replace(path, text)
}

func encode(record any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // quotes are to be read by people too
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(record); err != nil {
		return nil, fmt.Errorf("write the record: %w", err)
	}
	return text.Bytes(), nil
}

func replace(path string, text []byte) error {
	if err := renameio.WriteFile(path, text, 0o644); err != nil {
		return fmt.Errorf("write the record %s: %w", path, err)
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

package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/noteproof/noteproof/harness/internal/atomicfile"
)

// writeWithin is the delay after which a change of one claim is written to disk. There are dozens of looks per second, and the
// record is one file of about 400 KB, which is synced to disk at every write.
const writeWithin = 200 * time.Millisecond

// Recorder owns the record during a run. It is safe for concurrent use: the record must be read only inside Read, and changed
// only inside Change or ChangeClaim.
type Recorder struct {
	path string

	mu     sync.Mutex // guards what follows
	record *Record
	due    *time.Timer // writes what ChangeClaim changed; nil if nothing is pending
	failed error       // the error of a write by due, until a change returns it

	writing sync.Mutex // is held during a write, and acquired before mu
}

// NewRecorder returns a Recorder that writes the record to the file at path, in the form of the current Schema. It creates the
// file and its directory.
func NewRecorder(path string, record *Record) (*Recorder, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("create the directory of the record: %w", err)
	}
	record.Schema = Schema
	r := &Recorder{path: path, record: record}
	return r, r.Change(func(*Record) {})
}

// Path returns the path of the record's file.
func (r *Recorder) Path() string { return r.path }

// Change calls do to change the record, and returns after the record is written to disk, with all earlier changes of
// ChangeClaim. The file is replaced atomically, also in case of a power failure: a reader sees the record before the change or
// after it. Secrets in the record are masked.
func (r *Recorder) Change(do func(*Record)) error {
	r.mu.Lock()
	do(r.record)
	mask(reflect.ValueOf(r.record))
	r.mu.Unlock()
	return r.write()
}

// ChangeClaim calls do to change one claim of the record; do must not change anything else. The record is written to disk
// 200 ms later, or by the next Change. The error is that of an earlier such write. Secrets are masked only in this claim.
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

// Read calls do to read the record, which does not change meanwhile.
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
	encoder.SetEscapeHTML(false) // people read the file, too
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(record); err != nil {
		return nil, fmt.Errorf("write the record: %w", err)
	}
	return text.Bytes(), nil
}

func replace(path string, text []byte) error {
	if err := atomicfile.Write(path, text, 0o644); err != nil {
		return fmt.Errorf("write the record %s: %w", path, err)
	}
	return nil
}

// Load reads the record of an earlier run. It returns an error if the record's schema is newer than Schema, and if the file
// holds the records of several runs.
func Load(path string) (*Record, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the record: %w", err)
	}
	var head struct {
		Schema  int               `json:"schema"`
		Records []json.RawMessage `json:"records"`
		Claims  json.RawMessage   `json:"claims"`
	}
	record := &Record{}
	switch err := json.Unmarshal(text, &head); {
	case errors.As(err, new(*json.UnmarshalTypeError)):
		return nil, fmt.Errorf("read the record %s: it is not the record of a run", path)
	case err != nil:
		return nil, fmt.Errorf("read the record %s: %w", path, err)
	case head.Records != nil:
		return nil, fmt.Errorf("read the record %s: it holds the records of several runs: name the single records in the directories next to it", path)
	case head.Schema > Schema:
		return nil, fmt.Errorf("read the record %s: its schema is %d, and this noteproof supports at most %d: use a newer noteproof", path, head.Schema, Schema)
	case head.Schema < 1 || head.Claims == nil:
		return nil, fmt.Errorf("read the record %s: it is not the record of a run", path)
	}
	if err := json.Unmarshal(text, record); err != nil {
		return nil, fmt.Errorf("read the record %s: %w", path, err)
	}
	if slices.Contains(record.Claims, nil) {
		return nil, fmt.Errorf("read the record %s: a claim is null", path)
	}
	return record, nil
}

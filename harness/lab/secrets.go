package lab

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/secret"
)

// checkSecrets fails the run if a secret that it knows stands in a file of the record's directory, in spite of the masks.
func (l *Lab) checkSecrets() error {
	files, err := secret.Files(filepath.Dir(l.recorder.Path()))
	if len(files) > 0 {
		err = errors.Join(err, fmt.Errorf("a token, key or password that this run uses stands in %s: do not pass the file on, and report the fault in noteproof",
			strings.Join(files, " and in ")))
	}
	if err == nil {
		return nil
	}
	return errors.Join(err, l.recorder.Change(func(r *evidence.Record) {
		r.Failure, r.Partial = strings.TrimPrefix(r.Failure+"\n"+err.Error(), "\n"), true
	}))
}

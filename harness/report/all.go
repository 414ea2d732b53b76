package report

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/notes"
)

// WriteAll writes the reports over several records into the folder and returns their paths. The notes stand in the page
// with their verdicts; nil leaves them out.
func WriteAll(dir string, records []*evidence.Record, lecture *notes.Notes) ([]string, error) {
	index, err := HTML(records, lecture)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the reports: %w", err)
	}
	path := filepath.Join(dir, "index.html")
	if err := os.WriteFile(path, index, 0o644); err != nil {
		return nil, fmt.Errorf("write a report: %w", err)
	}
	return []string{path}, nil
}

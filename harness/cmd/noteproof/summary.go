package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/series"
)

// withoutSabotage refuses SABOTAGE=1 for a series, with the reason.
func withoutSabotage(why string) error {
	broken, err := environ.Bool(os.Getenv, "SABOTAGE")
	if err == nil && broken {
		err = errors.New(why)
	}
	return err
}

// summary is what the records of a series say together.
type summary interface {
	Markdown() string
	// Problems are the reasons why the series fails.
	Problems() []string
}

// writeSummary writes a summary into a folder, which it makes, as README.md and summary.json.
func writeSummary(dir string, s summary) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder of the summary: %w", err)
	}
	return errors.Join(
		series.File(filepath.Join(dir, "summary.json")).Save(s),
		renameio.WriteFile(filepath.Join(dir, "README.md"), []byte(s.Markdown()), 0o644),
	)
}

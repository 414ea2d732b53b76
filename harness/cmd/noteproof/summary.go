package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/noteproof/noteproof/harness/internal/atomicfile"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/series"
)

// withoutSabotage returns an error with the reason why if SABOTAGE is set.
func withoutSabotage(why string) error {
	broken, err := environ.Bool(os.Getenv, "SABOTAGE")
	if err == nil && broken {
		err = exit{exitUsage, errors.New(why)}
	}
	return err
}

// withoutVariables returns an error if one of these environment variables, which are for a single run, is set.
func withoutVariables(why string, names ...string) error {
	for _, name := range names {
		if os.Getenv(name) != "" {
			return exit{exitUsage, fmt.Errorf("%s, so %s cannot be set", why, name)}
		}
	}
	return nil
}

// summary is the summary of the records of a series.
type summary interface {
	Markdown() string
	// Problems are the reasons why the series fails.
	Problems() []string
}

// writeSummary writes a summary to a directory, which it creates, as README.md and summary.json.
func writeSummary(dir string, s summary) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("create the directory of the summary: %w", err)
	}
	return errors.Join(
		series.File(filepath.Join(dir, "summary.json")).Save(s),
		atomicfile.Write(filepath.Join(dir, "README.md"), []byte(s.Markdown()), 0o644),
	)
}

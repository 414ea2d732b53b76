package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/progress"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/notes"
)

func reports() *cobra.Command {
	var notesFile, over, drift string
	cmd := &cobra.Command{
		Use:   "report VERDICTS.JSON…",
		Short: "Render the reports of records again, for example after an interrupted run",
		Long: "The reports are written to the directory of each record, and the table of the record is printed. For several records,\n" +
			"reports over all of them are also written, to the common parent directory, and the grid of claims and versions is printed.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			lecture, err := readNotes(notesFile)
			if err != nil {
				return err
			}
			if over == "" && len(paths) > 1 {
				if over, err = common(paths); err != nil {
					return err
				}
			}
			records, errs := rewriteAll(cmd.OutOrStdout(), paths, lecture)
			if over != "" && len(records) > 0 {
				written, err := report.WriteAll(over, records, lecture)
				errs = append(errs, err)
				listPaths(cmd.OutOrStdout(), written)
			}
			if drift != "" {
				if err := renameio.WriteFile(drift, []byte(report.Drift(records)), 0o644); err != nil {
					errs = append(errs, fmt.Errorf("write the drift report: %w", err))
				} else {
					listPaths(cmd.OutOrStdout(), []string{drift})
				}
			}
			switch len(records) {
			case 0:
			case 1:
				fmt.Fprintln(cmd.OutOrStdout(), "\n"+report.Table(records[0], progress.Colours(cmd.OutOrStdout())))
			default:
				fmt.Fprintln(cmd.OutOrStdout(), "\n"+report.Grid(records))
			}
			return errors.Join(errs...)
		},
	}
	cmd.Flags().StringVar(&notesFile, "notes", "", "the file of the notes, to write the annotated notes as well (notes.ko.md, or notes.en.md for notes in English)")
	cmd.Flags().StringVar(&over, "over", "", "the directory of the reports over all records (default for several records: their common parent directory)")
	cmd.Flags().StringVar(&drift, "drift", "", "a file for the claims that came out other than expected, as Markdown for an issue; it is empty if there are none")
	return cmd
}

// rewriteAll renders the reports of records again, and returns the records that could be read.
func rewriteAll(out io.Writer, paths []string, lecture *notes.Notes) (records []*evidence.Record, errs []error) {
	for _, path := range paths {
		record, written, err := rewriteReports(path, lecture)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		records = append(records, record)
		listPaths(out, written)
	}
	return records, errs
}

func listPaths(out io.Writer, paths []string) {
	for _, path := range paths {
		fmt.Fprintf(out, "  %s\n", path)
	}
}

// readNotes reads the notes; nil if the path is empty.
func readNotes(path string) (*notes.Notes, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the notes: %w", err)
	}
	parsed := notes.Parse(string(text))
	if err := parsed.Valid(); err != nil {
		return nil, fmt.Errorf("read the notes %s: %w", path, err)
	}
	return parsed, nil
}

// rewriteReports writes the reports of one record. It returns the record and the paths of the reports.
func rewriteReports(path string, lecture *notes.Notes) (record *evidence.Record, written []string, err error) {
	if record, err = evidence.Load(path); err != nil {
		return nil, nil, err
	}
	dir := filepath.Dir(path)
	if written, err = report.Write(dir, record, lecture); err != nil {
		return nil, nil, err
	}
	return record, written, nil
}

// common returns the common parent of the directories of these files, relative to the working directory if it is below it.
func common(paths []string) (string, error) {
	wd, err := os.Getwd()
	if err != nil {
		return "", err
	}
	dir := filepath.Dir(filepath.Dir(environ.Absolute(wd, filepath.Clean(paths[0]))))
	for _, path := range paths[1:] {
		for !within(dir, environ.Absolute(wd, path)) {
			dir = filepath.Dir(dir)
		}
	}
	if dir == filepath.Dir(dir) {
		return "", exit{exitUsage, errors.New("the records have no directory in common: name one for the reports over all of them with --over")}
	}
	if below, err := filepath.Rel(wd, dir); err == nil && filepath.IsLocal(below) {
		return below, nil
	}
	return dir, nil
}

// within reports whether a path is below a directory. Both are absolute.
func within(dir, path string) bool {
	below, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(below)
}

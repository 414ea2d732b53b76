package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/atomicfile"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/progress"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/notes"
)

func reports() *cobra.Command {
	var notesFile, over, drift string
	cmd := &cobra.Command{
		Use:   "report RECORD…",
		Short: "Render the reports of records again, for example after an interrupted run",
		Long: "RECORD is a verdicts.json or its directory. The reports are written to the directory of each record, and the table of the record is printed. For several records,\n" +
			"reports over all of them are also written, to the common parent directory, and the grid of claims and versions is printed.\n" +
			"Records of the shards of a version are first joined to one, which is written there, too.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("name the records, such as out/v1.37.2/verdicts.json, or their directories")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, paths []string) error {
			lecture, err := readNotes(notesFile)
			if err != nil {
				return exit{exitUsage, err}
			}
			paths = recordPaths(paths)
			if over == "" && len(paths) > 1 {
				if over, err = common(paths); err != nil {
					return err
				}
			}
			if paths, err = joinShards(paths, over); err != nil {
				return err
			}
			records, errs := rewriteAll(cmd.OutOrStdout(), paths, lecture)
			if len(records) == 0 {
				return exit{exitUsage, errors.Join(errs...)}
			}
			if over != "" {
				written, err := report.WriteAll(over, records, lecture)
				errs = append(errs, err)
				listPaths(cmd.OutOrStdout(), written)
			}
			if lecture != nil {
				errs = append(errs, checkNotes(cmd.ErrOrStderr(), notesFile, lecture, records))
			}
			if drift != "" {
				if err := atomicfile.Write(drift, []byte(report.Drift(records)), 0o644); err != nil {
					errs = append(errs, fmt.Errorf("write the drift report: %w", err))
				} else {
					listPaths(cmd.OutOrStdout(), []string{drift})
				}
			}
			switch len(records) {
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

// recordPaths returns the paths of records, given these or those of their directories, each once.
func recordPaths(args []string) []string {
	var paths []string
	for _, path := range args {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			path = filepath.Join(path, evidence.RecordFile)
		}
		same := func(other string) bool {
			a, errA := filepath.Abs(path)
			b, errB := filepath.Abs(other)
			return errA == nil && errB == nil && a == b
		}
		if !slices.ContainsFunc(paths, same) {
			paths = append(paths, path)
		}
	}
	return paths
}

// checkNotes writes how many quotes of the records are not in the notes. It returns an error if none is.
func checkNotes(status io.Writer, file string, lecture *notes.Notes, records []*evidence.Record) error {
	lost, all := map[string]bool{}, map[string]bool{}
	for _, record := range records {
		for _, c := range record.Claims {
			all[c.ID] = true
			if _, _, err := lecture.Find(notes.Quote{Text: c.Quote, At: c.At}); err != nil {
				lost[c.ID] = true
			}
		}
	}
	switch {
	case len(lost) == 0:
		return nil
	case len(lost) == len(all):
		return fmt.Errorf("none of the quotes is in the notes %s: are they those of the records?", file)
	default:
		fmt.Fprintf(status, "%d of %d quotes are not in %s: %s\n", len(lost), len(all), file, strings.Join(slices.Sorted(maps.Keys(lost)), ", "))
		return nil
	}
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

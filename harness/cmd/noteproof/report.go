package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/notes"
)

func reports() *cobra.Command {
	var notesFile, over, drift string
	cmd := &cobra.Command{
		Use:   "report VERDICTS.JSON…",
		Short: "Render the reports of records again, for example after an interrupted run",
		Long: "The reports are written beside each record, and its table is printed. Of several records there are reports over " +
			"all as well, in the folder that holds all of their folders, and what is printed is the grid of claims and versions.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			lecture, err := readNotes(notesFile)
			if err != nil {
				return err
			}
			var errs []error
			var records []*evidence.Record
			tell := func(written []string) {
				for _, p := range written {
					fmt.Fprintf(cmd.OutOrStdout(), "  %s\n", p)
				}
			}
			for _, path := range paths {
				record, written, err := remake(path, lecture)
				if err != nil {
					errs = append(errs, err)
					continue
				}
				records = append(records, record)
				tell(written)
			}
			if over == "" && len(paths) > 1 {
				over = common(paths)
			}
			if over != "" && len(records) > 0 {
				written, err := report.WriteAll(over, records, lecture)
				errs = append(errs, err)
				tell(written)
			}
			if drift != "" {
				if err := os.WriteFile(drift, []byte(report.Drift(records)), 0o644); err != nil {
					errs = append(errs, fmt.Errorf("write what drifted: %w", err))
				} else {
					tell([]string{drift})
				}
			}
			switch len(records) {
			case 0:
			case 1:
				fmt.Fprintln(cmd.OutOrStdout(), "\n"+report.Table(records[0]))
			default:
				fmt.Fprintln(cmd.OutOrStdout(), "\n"+report.Grid(records))
			}
			return errors.Join(errs...)
		},
	}
	cmd.Flags().StringVar(&notesFile, "notes", "", "the file of the notes; with it, they are annotated as well (notes.ko.md, or notes.en.md of English ones)")
	cmd.Flags().StringVar(&over, "over", "", "the folder of the reports over all records (of several records: where their folders lie)")
	cmd.Flags().StringVar(&drift, "drift", "", "a file for what came out other than expected, as Markdown fit for the body of an issue; it is empty when nothing did")
	return cmd
}

// readNotes reads the notes; without a file there are none.
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

// remake makes the reports of one record and returns it, and their paths.
func remake(path string, lecture *notes.Notes) (record *evidence.Record, written []string, err error) {
	if record, err = evidence.Load(path); err != nil {
		return nil, nil, err
	}
	dir := filepath.Dir(path)
	if written, err = report.Write(dir, record, lecture); err != nil {
		return nil, nil, err
	}
	return record, written, nil
}

// common is the folder that holds the folders of all these files.
func common(paths []string) string {
	dir := filepath.Dir(filepath.Dir(filepath.Clean(paths[0])))
	for _, path := range paths[1:] {
		for {
			rel, err := filepath.Rel(dir, path)
			if err == nil && filepath.IsLocal(rel) {
				break
			}
			up := filepath.Dir(dir)
			if up == dir {
				return dir
			}
			dir = up
		}
	}
	return dir
}

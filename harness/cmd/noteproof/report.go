package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/notes"
	"github.com/noteproof/noteproof/harness/report"
)

func reports() *cobra.Command {
	var notesFile string
	cmd := &cobra.Command{
		Use:   "report VERDICTS.JSON…",
		Short: "Make the reports of records anew, for example of a run that was cut off",
		Long:  "The reports are written beside each record, and its table is printed.",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			var errs []error
			for _, path := range paths {
				written, table, err := remake(path, notesFile)
				if err != nil {
					errs = append(errs, err)
					continue
				}
				fmt.Fprintln(cmd.OutOrStdout(), table)
				for _, p := range written {
					fmt.Fprintf(cmd.OutOrStdout(), "  %s\n", p)
				}
			}
			return errors.Join(errs...)
		},
	}
	cmd.Flags().StringVar(&notesFile, "notes", "", "the file of the notes; with it, they are annotated as well (notes.ko.md)")
	return cmd
}

// remake makes the reports of one record and returns their paths and the table.
func remake(path, notesFile string) (written []string, table string, err error) {
	record, err := evidence.Load(path)
	if err != nil {
		return nil, "", err
	}
	dir := filepath.Dir(path)
	if written, err = report.Write(dir, record); err != nil {
		return nil, "", err
	}
	if notesFile != "" {
		text, err := os.ReadFile(notesFile)
		if err != nil {
			return nil, "", fmt.Errorf("read the notes: %w", err)
		}
		annotated := filepath.Join(dir, "notes.ko.md")
		if err := os.WriteFile(annotated, []byte(notes.Annotate(notes.Parse(string(text)), record)), 0o644); err != nil {
			return nil, "", fmt.Errorf("write the annotated notes: %w", err)
		}
		written = append(written, annotated)
	}
	return written, report.Table(record), nil
}

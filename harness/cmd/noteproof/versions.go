package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/semver"

	"github.com/noteproof/noteproof/harness/internal/matrix"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/report"
)

// offered is a version in the output of versions -o json.
type offered struct {
	Version string `json:"version"` // "v1.37.2"
	Minor   string `json:"minor"`   // "1.37"
	Origin  string `json:"origin"`  // "present", "published" or "module"
	New     bool   `json:"new"`     // newer than the last matrix, or there is none
}

func versions() *cobra.Command {
	var newest int
	var kept, output string
	cmd := &cobra.Command{
		Use:   "versions",
		Short: "List the Kubernetes versions that are available, and those newer than the last matrix",
		Long: "It lists the newest available patch of each minor from 1.23 on. A version is available if its node image is present, if\n" +
			"the kind project publishes one and a registry can be reached, or if it can be built from Go modules. A version is new if\n" +
			"it is a later patch than the last matrix ran of its minor, or of a later minor than all that it ran.\n\n" +
			"With -o json it prints an array of objects, the newest minor first:\n" +
			"  version  v1.37.2\n  minor    1.37\n  origin   present, published, or module\n  new      true or false",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "table" && output != "json" {
				return exit{exitUsage, fmt.Errorf("-o %s: want table or json", output)}
			}
			if newest < 0 {
				return exit{exitUsage, fmt.Errorf("--newest %d: want a number of minors, or 0 for all", newest)}
			}
			d, err := newDirs()
			if err != nil {
				return err
			}
			last, err := lastMatrix(d.out, kept)
			if err != nil {
				return err
			}
			source := d.source()
			if eng, err := d.engine(cmd.Context()); err == nil {
				source.Engine, source.Machine = eng, eng.Host().Architecture
			} else {
				d.log.Say("–  node images that are present are not listed: %v", err)
			}
			available, err := source.Versions(cmd.Context(), newest)
			if err != nil {
				return err
			}
			list := compareVersions(available, last)
			if output == "json" {
				out := json.NewEncoder(cmd.OutOrStdout())
				out.SetIndent("", "  ")
				return out.Encode(list)
			}
			fmt.Fprintln(cmd.OutOrStdout(), describeVersions(list, last))
			return nil
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "table", "the form: table, or json for an array")
	cmd.Flags().IntVar(&newest, "newest", 0, "list only this number of newest minors (0: all)")
	cmd.Flags().StringVar(&kept, "kept", "", "a directory of records, with a directory for each version, to compare with if no matrix has been run here")
	return cmd
}

// lastMatrix returns the last matrix that was run here, whose state is in out, or otherwise the one whose records are kept; nil
// if there is neither.
func lastMatrix(out, kept string) (*matrix.State, error) {
	last, err := matrix.Load(out)
	if err != nil || last != nil || kept == "" {
		return last, err
	}
	return matrix.Kept(kept)
}

// compareVersions compares the available versions with those of the last matrix, which may be nil.
func compareVersions(available []nodeimage.Available, last *matrix.State) []offered {
	list := []offered{}
	for _, a := range available {
		list = append(list, offered{
			Version: a.Version, Minor: strings.TrimPrefix(semver.MajorMinor(a.Version), "v"), Origin: a.Origin, New: last.New(a.Version),
		})
	}
	return list
}

// describeVersions returns the table for a terminal.
func describeVersions(list []offered, last *matrix.State) string {
	how := map[string]string{
		nodeimage.Present:   "its node image is present",
		nodeimage.Published: "kind publishes its node image",
		nodeimage.FromGo:    "its node image can be built",
	}
	var rows [][]string
	for _, o := range list {
		since := ""
		if o.New {
			since = "new"
		}
		rows = append(rows, []string{o.Version, how[o.Origin], since})
	}
	below := "new: newer than the matrix of "
	if last == nil {
		below = "new: no matrix has been run yet"
	} else {
		below += last.Began.Local().Format("2006-01-02 15:04")
	}
	return report.Rows([]string{"version", "available as", "since the last matrix"}, rows) + "\n" + below
}

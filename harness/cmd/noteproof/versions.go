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

// offered is a version as versions --json reports it.
type offered struct {
	Version string `json:"version"` // "v1.37.2"
	Minor   string `json:"minor"`   // "1.37"
	Origin  string `json:"origin"`  // "present", "published" or "module"
	New     bool   `json:"new"`     // newer than the last matrix; without one every version is
}

func versions() *cobra.Command {
	var asJSON bool
	var newest int
	var kept string
	cmd := &cobra.Command{
		Use:   "versions",
		Short: "List the Kubernetes versions that are available, and those newer than the last matrix",
		Long: "For each minor from 1.23 on it is the newest patch that is available: because its node image is present, because the\n" +
			"kind project publishes one (where a registry can be reached), or because it can be built from Go modules. A version is\n" +
			"new when it is a later patch than the last matrix ran of its minor, or of a minor later than all that it ran.\n\n" +
			"With --json it is an array of objects, the newest minor first:\n" +
			"  version  v1.37.2\n  minor    1.37\n  origin   present, published, or module\n  new      true or false",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := here()
			if err != nil {
				return err
			}
			last, err := lastMatrix(p.out, kept)
			if err != nil {
				return err
			}
			source := &nodeimage.Source{Cache: p.cache, Log: p.log}
			if eng, err := p.engine(cmd.Context()); err == nil {
				source.Engine = eng
			} else {
				p.log.Say("–  which node images are present is not looked for: %v", err)
			}
			if newest < 0 {
				return fmt.Errorf("--newest %d: want a number of minors, or 0 for all", newest)
			}
			available, err := source.Versions(cmd.Context(), newest)
			if err != nil {
				return err
			}
			list := offer(available, last)
			if asJSON {
				out := json.NewEncoder(cmd.OutOrStdout())
				out.SetIndent("", "  ")
				return out.Encode(list)
			}
			fmt.Fprintln(cmd.OutOrStdout(), describeVersions(list, last))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	cmd.Flags().IntVar(&newest, "newest", 0, "list so many minors only, the newest ones (0: all)")
	cmd.Flags().StringVar(&kept, "kept", "", "a folder of records, one folder a version, to compare with when no matrix has been run here")
	return cmd
}

// lastMatrix is the last one that was run here, its state in out, or else the one whose records are kept; nil when there is
// neither.
func lastMatrix(out, kept string) (*matrix.State, error) {
	last, err := matrix.Load(out)
	if err != nil || last != nil || kept == "" {
		return last, err
	}
	return matrix.Kept(kept)
}

// offer compares the available versions with those that the last matrix ran; nil is no matrix.
func offer(available []nodeimage.Available, last *matrix.State) []offered {
	list := []offered{}
	for _, a := range available {
		list = append(list, offered{
			Version: a.Version, Minor: strings.TrimPrefix(semver.MajorMinor(a.Version), "v"), Origin: a.Origin, New: last.New(a.Version),
		})
	}
	return list
}

// describeVersions is the table for a terminal.
func describeVersions(list []offered, last *matrix.State) string {
	how := map[string]string{
		nodeimage.Present:   "its node image is here",
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

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/internal/matrix"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/internal/series"
	"github.com/noteproof/noteproof/harness/notes"
)

// newestMinors is the number of minors of a matrix if no version is named: the supported ones, and the one before.
const newestMinors = 4

// matrixCommand is the name of the command.
const matrixCommand = "matrix"

func runMatrix() *cobra.Command {
	var versions, notesFile string
	var fresh bool
	cmd := &cobra.Command{
		Use:   matrixCommand + " [flags] [-- GO TEST ARGUMENTS]",
		Short: "Run every claim on several Kubernetes versions, one after another",
		Long: "Each run writes its record, and the reports over all versions are written after each version. An interrupted matrix\n" +
			"continues where it stopped: completed versions are not repeated, the interrupted one is. It may continue with other\n" +
			"versions; other claims (CLAIMS) begin a new matrix. KEEP has no effect.\n" +
			"Without arguments it runs: go test ./scenarios/... " + strings.Join(suiteFlags, " ") + "\n" +
			"The exit status is 1 if a version could not be run, or a claim drifted, flipped unexpectedly or is inconclusive.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("versions") && strings.TrimSpace(versions) == "" {
				return exit{exitUsage, errors.New("--versions is empty; without the flag the newest minors are run")}
			}
			lecture, err := readNotes(notesFile)
			if err != nil {
				return err
			}
			if err := withoutSabotage("a matrix compares notes across versions; SABOTAGE is for one version: noteproof sabotage --kubernetes v1.36.4"); err != nil {
				return err
			}
			if os.Getenv("KUBECONFIG_FILE") != "" {
				return exit{exitUsage, errors.New("a matrix creates a cluster for each version, and KUBECONFIG_FILE names an existing one; for that one use noteproof verify --kubeconfig …")}
			}
			if os.Getenv("NOTEPROOF_NODE_IMAGE") != "" {
				return exit{exitUsage, errors.New("a matrix runs several versions, and NOTEPROOF_NODE_IMAGE names the node image of one; for that one use noteproof verify --node-image …")}
			}
			if err := withoutVariables("a matrix names variants with the version, as v1.37.2+nftables", "NOTEPROOF_CLUSTER"); err != nil {
				return err
			}
			if err := distinct(strings.Fields(versions)); err != nil {
				return err
			}
			d, err := newDirs()
			if err != nil {
				return err
			}
			m, err := d.newMatrix(cmd.Context(), strings.Fields(versions), fresh, goTestArgs(args), lecture)
			if err != nil {
				return err
			}
			state, err := m.Go(cmd.Context())
			if err != nil {
				return err
			}
			return d.reportMatrix(cmd, state)
		},
	}
	cmd.Flags().StringVar(&versions, "versions", "", "the versions, separated by spaces, in the order to run them; 1.36 is its newest patch (default: the newest four minors)")
	cmd.Flags().StringVar(&notesFile, "notes", "", "the file of the notes, for the page over all versions")
	cmd.Flags().BoolVar(&fresh, "fresh", false, "begin a new matrix instead of continuing an interrupted one")
	return cmd
}

// newMatrix returns the matrix of these versions, or the interrupted one if none are named. args are the arguments of go test.
func (d dirs) newMatrix(ctx context.Context, versions []string, fresh bool, args []string, lecture *notes.Notes) (matrix.Matrix, error) {
	m := matrix.Matrix{Dir: d.out, Fresh: fresh, Log: d.log}
	var err error
	if m.Claims, err = d.claims(fresh); err != nil {
		return m, err
	}
	if m.Versions, err = d.exact(ctx, versions, m.Claims, fresh); err != nil {
		return m, err
	}
	if err := checkSuite(ctx, args, m.Claims); err != nil {
		return m, err
	}
	m.Run = func(ctx context.Context, version string) error {
		// Only one cluster at a time: fifteen would not fit on a machine.
		return series.GoTest(ctx, args, "K8S="+version, "CLAIMS="+m.Claims, "KEEP=", "NOTEPROOF_OUT="+d.out, "NOTEPROOF_CACHE="+d.cache)
	}
	m.Each = func(ctx context.Context, s *matrix.State) error {
		records, err := s.Records(d.out)
		if err != nil {
			return err
		}
		_, err = report.WriteAll(d.out, records, lecture)
		return errors.Join(err, d.trim(ctx))
	}
	return m, nil
}

// checkSuite returns an error if the suite is wrong or has none of the claims, before anything is run.
func checkSuite(ctx context.Context, args []string, claims string) error {
	_, err := series.List(ctx, args, []string{"-claims"}, "CLAIMS="+claims, "K8S=") // which make sets to all versions of a matrix
	if err != nil && strings.HasPrefix(err.Error(), "CLAIMS=") {
		return exit{exitUsage, err}
	}
	return err
}

// exact returns the versions to run with their patches; none if an interrupted matrix of these claims continues with its own.
func (d dirs) exact(ctx context.Context, wanted []string, claims string, fresh bool) ([]string, error) {
	if len(wanted) == 0 && !fresh {
		interrupted, err := matrix.Interrupted(d.out)
		if err != nil || interrupted != nil && interrupted.Claims == claims {
			return nil, err
		}
	}
	source := d.source()
	if len(wanted) == 0 {
		return d.newest(ctx, source, newestMinors)
	}
	versions, err := source.ResolveAll(ctx, wanted)
	if err != nil {
		return nil, err
	}
	return versions, distinct(versions)
}

// distinct returns an error if one of these is not a version, or is there twice.
func distinct(versions []string) error {
	for i, version := range versions {
		if err := nodeimage.CheckVersion(version); err != nil {
			return fmt.Errorf("--versions: %w", err)
		}
		if slices.Contains(versions[:i], version) {
			return exit{exitUsage, fmt.Errorf("--versions names %s twice: want each version once", version)}
		}
	}
	return nil
}

// claims returns CLAIMS, or if that is not set, the claims of the interrupted matrix that continues.
func (d dirs) claims(fresh bool) (string, error) {
	claims := os.Getenv("CLAIMS")
	if claims != "" || fresh {
		return claims, nil
	}
	interrupted, err := matrix.Interrupted(d.out)
	if interrupted == nil || err != nil {
		return "", err
	}
	return interrupted.Claims, nil
}

// reportMatrix prints the verdict of each claim on each version. It returns an error if a version failed.
func (d dirs) reportMatrix(cmd *cobra.Command, state *matrix.State) error {
	records, err := state.Records(d.out)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "\n%s\n", report.Grid(records))
	var failed []string
	for i, row := range state.Versions {
		result := "as expected"
		if records[i].Failed() {
			result = "NOT as expected"
			failed = append(failed, row.Version)
		}
		fmt.Fprintf(out, "  %-10s %-16s %s\n", row.Version, result, row.Finished.Sub(row.Began).Round(time.Second))
	}
	fmt.Fprintf(out, "\n  %s\n", filepath.Join(d.out, "index.html"))
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d versions did not come out as expected: %s", len(failed), len(state.Versions), strings.Join(failed, ", "))
	}
	return nil
}

// newest returns the newest patches of this number of minors.
func (d dirs) newest(ctx context.Context, source *nodeimage.Source, minors int) ([]string, error) {
	available, err := source.Versions(ctx, minors)
	var newest []string
	for _, a := range available {
		newest = append(newest, a.Version)
	}
	return newest, err
}

// trim removes what is no longer needed after building the last version's node image. A failure is only logged.
func (d dirs) trim(ctx context.Context) error {
	source := d.source()
	if eng, err := d.engine(ctx); err == nil {
		source.Engine, source.Machine = eng, eng.Host().Architecture
	}
	if err := source.Prune(ctx); err != nil {
		d.log.Say("!  the files of the node image's build could not be removed: %v", err)
	}
	return ctx.Err()
}

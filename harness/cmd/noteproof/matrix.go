package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/internal/matrix"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/internal/series"
)

// newestMinors is how many minors a matrix has when no version is named: those that are supported, and the one before.
const newestMinors = 4

func runMatrix() *cobra.Command {
	var versions, notesFile string
	var fresh bool
	cmd := &cobra.Command{
		Use:   "matrix [flags] [-- GO TEST ARGUMENTS]",
		Short: "Run every claim on several Kubernetes versions, one after another",
		Long: "Each version's record is written as it is run, and the reports over all of them after each version. An interrupted\n" +
			"matrix goes on where it stopped: what is done is not run again, what was interrupted is run again. Other versions may be\n" +
			"named then, but other claims (CLAIMS) begin a new matrix. KEEP keeps no cluster here.\n" +
			"Without arguments it runs: go test " + strings.Join(suite(), " ") + "\n" +
			"The exit status is 1 when a version could not be run, or a claim drifted, flipped unexpectedly or stayed inconclusive.",
		RunE: func(cmd *cobra.Command, args []string) error {
			lecture, err := readNotes(notesFile)
			if err != nil {
				return err
			}
			if err := withoutSabotage("a matrix compares notes across versions; SABOTAGE is for one version: make sabotage K8S=v1.36.4"); err != nil {
				return err
			}
			if os.Getenv("KUBECONFIG_FILE") != "" {
				return errors.New("a matrix makes a cluster of each version; KUBECONFIG_FILE is for one that exists: make verify KUBECONFIG_FILE=…")
			}
			p, err := here()
			if err != nil {
				return err
			}
			if p.out, err = filepath.Abs(p.out); err != nil { // go test runs in the folders of its packages
				return err
			}
			if p.cache, err = filepath.Abs(p.cache); err != nil {
				return err
			}
			ctx := cmd.Context()
			wanted, err := p.exact(ctx, strings.Fields(versions), fresh)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				args = suite()
			}
			claims, err := p.claims(fresh)
			if err != nil {
				return err
			}
			m := matrix.Matrix{Dir: p.out, Versions: wanted, Claims: claims, Fresh: fresh, Log: p.log}
			m.Run = func(ctx context.Context, version string) error {
				// One cluster at a time: fifteen that are kept would not fit on a machine.
				return series.GoTest(ctx, args, "K8S="+version, "CLAIMS="+claims, "KEEP=", "NOTEPROOF_OUT="+p.out, "NOTEPROOF_CACHE="+p.cache)
			}
			m.Each = func(ctx context.Context, s *matrix.State) error {
				records, err := s.Records(p.out)
				if err != nil {
					return err
				}
				_, err = report.WriteAll(p.out, records, lecture)
				return errors.Join(err, p.trim(ctx))
			}
			state, err := m.Go(ctx)
			if err != nil {
				return err
			}
			return p.tellMatrix(cmd, state)
		},
	}
	cmd.Flags().StringVar(&versions, "versions", "", "the versions, with blanks between, in the order to run them; 1.36 is its newest patch (default: the newest four minors)")
	cmd.Flags().StringVar(&notesFile, "notes", "", "the file of the notes, for the page over all")
	cmd.Flags().BoolVar(&fresh, "fresh", false, "begin a new matrix where an interrupted one would go on")
	return cmd
}

// suite are the arguments of go test that run the scenarios. A node image that is built from nothing takes most of the limit.
func suite() []string { return []string{"./scenarios/...", "-count=1", "-timeout=60m"} }

// exact are the versions that are meant. None are named when an interrupted matrix is to go on.
func (p place) exact(ctx context.Context, wanted []string, fresh bool) ([]string, error) {
	if len(wanted) == 0 && !fresh {
		interrupted, err := matrix.Interrupted(p.out)
		if interrupted != nil || err != nil {
			return nil, err
		}
	}
	source := &nodeimage.Source{Cache: p.cache, Log: p.log}
	if len(wanted) == 0 {
		return p.newest(ctx, source, newestMinors)
	}
	return source.ResolveAll(ctx, wanted)
}

// claims are those that are named, else those of the interrupted matrix that is to go on.
func (p place) claims(fresh bool) (string, error) {
	claims := os.Getenv("CLAIMS")
	if claims != "" || fresh {
		return claims, nil
	}
	interrupted, err := matrix.Interrupted(p.out)
	if interrupted == nil || err != nil {
		return "", err
	}
	return interrupted.Claims, nil
}

// tellMatrix shows what each claim came to on each version, and fails when one fails.
func (p place) tellMatrix(cmd *cobra.Command, state *matrix.State) error {
	records, err := state.Records(p.out)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "\n%s\n", report.Grid(records))
	var failed []string
	for i, row := range state.Versions {
		came := "as expected"
		if records[i].Failed() {
			came = "NOT as expected"
			failed = append(failed, row.Version)
		}
		fmt.Fprintf(out, "  %-10s %-16s %s\n", row.Version, came, row.Finished.Sub(row.Began).Round(time.Second))
	}
	fmt.Fprintf(out, "\n  %s\n", filepath.Join(p.out, "index.html"))
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d versions did not come out as expected: %s", len(failed), len(state.Versions), strings.Join(failed, ", "))
	}
	return nil
}

// newest are the newest patches of so many minors.
func (p place) newest(ctx context.Context, source *nodeimage.Source, minors int) ([]string, error) {
	available, err := source.Versions(ctx, minors)
	var newest []string
	for _, a := range available {
		newest = append(newest, a.Version)
	}
	return newest, err
}

// trim frees the disk of what building the last version's node image left. A matrix goes on without it.
func (p place) trim(ctx context.Context) error {
	source := &nodeimage.Source{Cache: p.cache, Log: p.log}
	if eng, err := p.engine(ctx); err == nil {
		source.Engine = eng
	}
	if err := source.Prune(ctx); err != nil {
		p.log.Say("!  what the build of a node image left could not be removed: %v", err)
	}
	return ctx.Err()
}

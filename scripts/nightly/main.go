// Command nightly puts together what the jobs of .github/workflows/nightly.yml hand on to one another: which versions
// they prove, and their records.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout, time.Now().UTC()); err != nil {
		fmt.Fprintln(os.Stderr, "nightly:", err)
		os.Exit(1)
	}
}

const usage = `say one of:
  nightly versions [-known FOLDER [-only-new]] [-variants NAMES] [VERSION…] <versions.json
      of what "noteproof versions -o json" printed, which versions to prove, as lines for $GITHUB_OUTPUT; and of the newest its
      variants, which are names such as nftables, separated by spaces
  nightly records -known FOLDER -fresh FOLDER -out FOLDER -proved JSON -covered JSON
      lay out the record of each version for the reports, and in unsettled.txt which of them settle nothing`

func run(args []string, in io.Reader, out io.Writer, now time.Time) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	known := flags.String("known", "", "the folder of the records of earlier nights, a folder each version")
	switch args[0] {
	case "versions":
		onlyNew := flags.Bool("only-new", false, "prove the versions that have no record in the known folder")
		variants := flags.String("variants", "", "the variants of the cluster on which the newest version is proved, too")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return choose(in, out, flags.Args(), *known, *onlyNew, strings.Fields(*variants))
	case "records":
		n := night{now: now}
		fresh := flags.String("fresh", "", "the folder of what the jobs handed over, a folder each version")
		dir := flags.String("out", "", "the folder for the reports")
		proved := flags.String("proved", "[]", "the versions that were to be proved this night, as JSON")
		covered := flags.String("covered", "[]", "the versions that the reports cover, as JSON")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		n.known, n.fresh, n.out = *known, *fresh, *dir
		if err := errors.Join(json.Unmarshal([]byte(*proved), &n.proved), json.Unmarshal([]byte(*covered), &n.covered)); err != nil {
			return fmt.Errorf("read the lists of versions: %w", err)
		}
		return n.layOut()
	default:
		return errors.New(usage)
	}
}

var exact = regexp.MustCompile(`^v\d+\.\d+\.\d+(\+[a-z0-9-]+)?$`)

// choose prints the versions that this night proves, those that were asked for or else all that are available with the variants
// of the newest, and those that its reports cover.
func choose(in io.Reader, out io.Writer, asked []string, known string, onlyNew bool, variants []string) error {
	var had []struct {
		Version string `json:"version"`
	}
	if err := json.NewDecoder(in).Decode(&had); err != nil {
		return fmt.Errorf("read which versions are available: %w", err)
	}
	all := []string{}
	for _, one := range had {
		all = append(all, one.Version)
	}
	if len(all) > 0 {
		newest := all[0] // as "noteproof versions" lists them
		for _, variant := range variants {
			all = append(all, newest+"+"+variant)
		}
	}
	proved := all
	switch {
	case onlyNew:
		proved = slices.DeleteFunc(slices.Clone(all), func(v string) bool {
			_, err := os.Stat(filepath.Join(known, v, "verdicts.json"))
			return err == nil
		})
	case len(asked) > 0:
		proved = asked
	}
	covered := slices.Clone(all)
	for _, v := range proved {
		if !exact.MatchString(v) { // it becomes a part of paths and of names
			return fmt.Errorf("%q is no exact Kubernetes version, such as v1.37.2 or v1.37.2+nftables", v)
		}
		if !slices.Contains(covered, v) {
			covered = append(covered, v)
		}
	}
	for _, line := range []struct {
		name     string
		versions []string
	}{{"proved", proved}, {"covered", covered}} {
		text, err := json.Marshal(line.versions)
		if err != nil {
			return fmt.Errorf("write the list of versions: %w", err)
		}
		if _, err := fmt.Fprintf(out, "%s=%s\n", line.name, text); err != nil {
			return fmt.Errorf("write the list of versions: %w", err)
		}
	}
	return nil
}

// night is what one night's jobs left behind.
type night struct {
	known, fresh, out string
	proved, covered   []string
	now               time.Time
}

// layOut lays out the record of each covered version. A version that was proved is known by its new record from now on.
func (n night) layOut() error {
	var unsettled strings.Builder
	for _, version := range n.covered {
		record, err := n.record(version)
		if err != nil {
			return fmt.Errorf("lay out the record of %s: %w", version, err)
		}
		if why := doubt(record); why != "" {
			fmt.Fprintf(&unsettled, "%s: %s\n", version, why)
		}
	}
	elsewhere, err := n.elsewhere()
	if err != nil {
		return err
	}
	unsettled.WriteString(elsewhere)
	if err := os.WriteFile(filepath.Join(n.out, "unsettled.txt"), []byte(unsettled.String()), 0o644); err != nil {
		return fmt.Errorf("say which versions settle nothing: %w", err)
	}
	return nil
}

// elsewhere says which versions that are not covered drifted when they were last proved: that is not settled by other versions.
func (n night) elsewhere() (string, error) {
	folders, err := os.ReadDir(n.known)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the records of earlier nights: %w", err)
	}
	var drifted strings.Builder
	for _, folder := range folders {
		if slices.Contains(n.covered, folder.Name()) {
			continue
		}
		record, err := load(filepath.Join(n.known, folder.Name()))
		if err != nil {
			return "", fmt.Errorf("read the record of %s: %w", folder.Name(), err)
		}
		if record != nil && slices.ContainsFunc(record.Claims, func(c *evidence.Claim) bool { return c.Drift || c.Flip.Fails() }) {
			fmt.Fprintf(&drifted, "%s: it drifted when it was last proved, and is not proved any more\n", folder.Name())
		}
	}
	return drifted.String(), nil
}

// record lays out the record of one version: this night's, or the newest of earlier nights where it was not to be proved
// again, or one that says why there is none.
func (n night) record(version string) (*evidence.Record, error) {
	fresh, known, out := filepath.Join(n.fresh, version), filepath.Join(n.known, version), filepath.Join(n.out, version)
	before, err := load(known)
	if err != nil {
		return nil, err
	}
	proved := slices.Contains(n.proved, version)
	if proved {
		record, err := load(fresh)
		if err != nil {
			return nil, err
		}
		if record != nil {
			return record, errors.Join(replace(known, fresh), replace(out, fresh))
		}
	}
	if !proved && before != nil {
		return before, replace(out, known)
	}
	kubernetes, variant, _ := strings.Cut(version, "+")
	missing := &evidence.Record{Wanted: kubernetes, Variant: variant, Partial: true, Started: n.now, Finished: n.now, Claims: []*evidence.Claim{}}
	if missing.Failure = "it has not been proved yet"; proved {
		missing.Failure = "its job ended without a record; the log of the job says why"
	}
	_, err = evidence.NewRecorder(filepath.Join(out, "verdicts.json"), missing)
	return missing, err
}

// load reads the record in a folder; nil when there is none.
func load(dir string) (*evidence.Record, error) {
	record, err := evidence.Load(filepath.Join(dir, "verdicts.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return record, err
}

func replace(dir, by string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("replace %s: %w", dir, err)
	}
	return os.CopyFS(dir, os.DirFS(by))
}

// doubt says why a record settles nothing about what drifted earlier; empty when it does.
func doubt(record *evidence.Record) string {
	var open []string
	for _, c := range record.Claims {
		if c.Verdict == claim.Inconclusive {
			open = append(open, c.ID)
		}
	}
	switch {
	case record.Failure != "":
		why, _, _ := strings.Cut(record.Failure, "\n")
		return why
	case record.Partial:
		return "only some claims were tried"
	case len(open) > 0:
		return "inconclusive: " + strings.Join(open, ", ")
	default:
		return ""
	}
}

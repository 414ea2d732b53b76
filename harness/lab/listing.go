package lab

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/atomicfile"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/notes"
)

// listing holds the flags of the tests that describe the suite and run nothing. Only one of them takes effect at a time.
type listing struct {
	check, notes, disturbances, catalogue, claims, json *bool
	explain                                             *string
}

func listingFlags(flags *flag.FlagSet) listing {
	return listing{
		check:        flags.Bool("check", false, "check all that can be checked without a cluster, and run nothing"),
		notes:        flags.Bool("notes", false, "list every line of the notes with the claims that answer for it, and run nothing"),
		disturbances: flags.Bool("disturbances", false, "list the breaks and faults of the suite, and run nothing"),
		catalogue:    flags.Bool("catalogue", false, "write the catalogue of all claims, and run nothing"),
		claims:       flags.Bool("claims", false, "list the claims with their last answers, and run nothing"),
		json:         flags.Bool("json", false, "with -claims: as JSON, one object a line"),
		explain:      explained(flags),
	}
}

// explained returns the value of the flag -explain, which must not be empty: the suite would run.
func explained(flags *flag.FlagSet) *string {
	id := new(string)
	flags.Func("explain", "print all that is known of the claim with this ID, and run nothing", func(text string) error {
		if *id = text; text == "" {
			return errors.New("it names no claim")
		}
		return nil
	})
	return id
}

// asked returns whether one of the flags is set.
func (f listing) asked() bool {
	return *f.check || *f.notes || *f.disturbances || *f.catalogue || *f.claims || *f.explain != ""
}

// describes returns whether the flags ask for a description, which is also given of a suite that is not finished.
func (f listing) describes() bool { return *f.claims || *f.explain != "" }

// ofAll returns whether the flags ask for something of all claims, for which it does not matter which ones CLAIMS chooses.
func (f listing) ofAll() bool { return f.asked() && !*f.claims }

// claims returns the claims of the suite, which need not be valid, without points that are nil.
func (l *Lab) claims() []claim.Claim {
	claims := l.suite.Claims()
	for i := range claims {
		claims[i].Points = slices.DeleteFunc(slices.Clone(claims[i].Points), func(p *claim.Point) bool { return p == nil })
	}
	return claims
}

// list does what the flags ask for.
func (l *Lab) list(f listing) error {
	switch {
	case *f.check:
		return l.check()
	case *f.notes:
		account, _ := notes.Parse(l.suite.Notes).Account(l.suite.Claims(), l.suite.NotClaims) // Suite.Check reports the error
		l.log.Print(account.String())
		return nil
	case *f.disturbances:
		l.log.Print(l.listDisturbances())
		return nil
	case *f.catalogue:
		if l.suite.Catalogue == "" { // another suite of the module may have one
			l.log.Say("!  the suite of %s has no catalogue: set Suite.Catalogue to its path", l.settings.tests)
			return nil
		}
		return atomicfile.Write(l.suite.Catalogue, []byte(report.Catalogue(l.claims())), 0o644)
	case *f.claims && *f.json:
		records := l.records()
		for _, c := range l.claims() {
			line, err := json.Marshal(listed(c, records))
			if err != nil {
				return fmt.Errorf("write %s as JSON: %w", c.ID, err)
			}
			l.log.Print(string(line) + "\n")
		}
		return nil
	case *f.claims:
		l.log.Print(report.List(l.claims(), l.records()))
		return nil
	default:
		return l.explain(*f.explain)
	}
}

// checkTables returns problems that Suite.Check does not return, because a run does not depend on them.
func (l *Lab) checkTables() error {
	errs := []error{l.checkCatalogue()}
	for _, point := range l.suite.Unbroken() {
		errs = append(errs, fmt.Errorf("claim %s: no break of the cluster turns the point %q: name it in the Turns of a break, or in Unturned with the reason",
			point.Claim, point.Point))
	}
	return errors.Join(errs...)
}

// check reports all that can be found wrong without a cluster. The caller has called Suite.Check.
func (l *Lab) check() error {
	if err := l.checkTables(); err != nil {
		return err
	}
	points := 0
	var unsabotaged []string
	for _, s := range l.suite.Scenarios {
		points += len(s.Points)
		if s.Sabotage.Point == nil {
			unsabotaged = append(unsabotaged, s.ID)
		}
	}
	l.log.Print(fmt.Sprintf("%d claims with %d points agree with the notes and the manifests\n", len(l.suite.Scenarios), points))
	if len(unsabotaged) > 0 {
		l.log.Print("without a sabotage: " + strings.Join(unsabotaged, ", ") + "\n")
	}
	return nil
}

// claimLine is a line of the output of -claims -json.
type claimLine struct {
	ID     string       `json:"id"`
	Quote  string       `json:"quote"`
	Points []pointLine  `json:"points"`
	Needs  []claim.Need `json:"needs,omitempty"`
	Alone  bool         `json:"alone,omitempty"`
	// Answers are the last answers, the newest version first.
	Answers []answerLine `json:"answers,omitempty"`
}

type pointLine struct {
	Says   string `json:"says"`
	SaysKO string `json:"saysKO,omitempty"`
	Expect string `json:"expect"` // "true", "false", or the versions in which it is true
}

type answerLine struct {
	Version string        `json:"version"`
	Verdict claim.Verdict `json:"verdict"`
	Drift   bool          `json:"drift,omitempty"`
}

func listed(c claim.Claim, records []*evidence.Record) claimLine {
	line := claimLine{ID: c.ID, Quote: c.Quote, Needs: c.Needs, Alone: c.Alone}
	for _, p := range c.Points {
		line.Points = append(line.Points, pointLine{p.Says, p.SaysKO, fmt.Sprint(p.Expect)})
	}
	for _, r := range records {
		for _, entry := range r.Claims {
			if entry.ID == c.ID && entry.Verdict != claim.NotRun {
				line.Answers = append(line.Answers, answerLine{r.Version, entry.Verdict, entry.Drift})
			}
		}
	}
	return line
}

func (l *Lab) explain(id string) error {
	claims := l.claims()
	i := slices.IndexFunc(claims, func(c claim.Claim) bool { return c.ID == id })
	if i < 0 {
		return fmt.Errorf("there is no claim %s; did you mean %s?", id, strings.Join(nearest(id, l.ids()), ", "))
	}
	first, last, err := notes.Parse(l.suite.Notes).Find(notes.Quote{Text: claims[i].Quote, At: claims[i].At})
	if err != nil {
		return err
	}
	where := fmt.Sprintf("line %d of the notes", first)
	if last > first {
		where = fmt.Sprintf("lines %d to %d of the notes", first, last)
	}
	manifest := report.Source{Path: stage.ManifestFile(id)}
	text, err := fs.ReadFile(l.suite.Manifests, stage.ManifestPath(id))
	if err != nil {
		return fmt.Errorf("read the manifest of %s: %w", id, err)
	}
	manifest.Text = string(text)
	var sabotages []string
	for _, sabotage := range l.suite.Scenarios[i].Sabotages() {
		sabotages = append(sabotages, sabotage.String())
	}
	l.log.Print(report.Explain(report.Known{
		Claim: claims[i], Where: where, Manifest: manifest, Sabotages: sabotages, Breaks: l.breaksOf(claims[i]),
	}, l.records()))
	return nil
}

// breaksOf returns the breaks that turn points of a claim, each with these points.
func (l *Lab) breaksOf(c claim.Claim) []string {
	var lines []string
	for _, b := range l.suite.Breaks {
		var says []string
		for _, point := range b.Turns {
			if c.Has(point) {
				says = append(says, point.Says)
			}
		}
		if len(says) > 0 {
			lines = append(lines, fmt.Sprintf("%s: %s", b.Name, strings.Join(says, "; ")))
		}
	}
	return lines
}

// records returns the records of the last runs, the newest version first. It logs and skips records that cannot be read.
func (l *Lab) records() []*evidence.Record {
	paths, err := filepath.Glob(filepath.Join(l.settings.out, "*", evidence.RecordFile))
	errs := []error{err}
	var records []*evidence.Record
	for _, path := range paths {
		record, err := evidence.Load(path)
		if errs = append(errs, err); err == nil {
			records = append(records, record)
		}
	}
	if err := errors.Join(errs...); err != nil {
		l.log.Say("!  some records cannot be read: %v", err)
	}
	slices.SortStableFunc(records, func(a, b *evidence.Record) int { return semver.Compare(b.Version, a.Version) })
	return records
}

func (l *Lab) checkCatalogue() error {
	if l.suite.Catalogue == "" {
		return nil
	}
	text, err := os.ReadFile(l.suite.Catalogue)
	if err != nil {
		return fmt.Errorf("read the catalogue: %w; generate it with: go test %s -args -catalogue", err, l.settings.tests)
	}
	if string(text) != report.Catalogue(l.claims()) {
		return fmt.Errorf("the catalogue %s is out of date; generate it with: go test %s -args -catalogue", l.suite.Catalogue, l.settings.tests)
	}
	return nil
}

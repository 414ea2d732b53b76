package report

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/atomicfile"
	"github.com/noteproof/noteproof/harness/internal/untrusted"
	"github.com/noteproof/noteproof/harness/notes"
)

// GitHub limits the summary of a job to 1 MiB and the body of an issue to 65536 characters. These limits, in bytes, leave room
// for the workflow's own text.
const (
	longestSummary = 1000 << 10
	longestIssue   = 60 << 10
)

// WriteAll writes the reports on several records into dir and returns their paths: index.html, verdicts.md, junit.xml, badge.svg
// and verdicts.json. It returns an error if the directory holds the record of a single run. If lecture is nil, the page does not contain the notes.
func WriteAll(dir string, records []*evidence.Record, lecture *notes.Notes) ([]string, error) {
	path := filepath.Join(dir, evidence.RecordFile)
	if _, err := evidence.Load(path); err == nil {
		return nil, fmt.Errorf("write the reports over several records to %s: it is the directory of the record of a run, which they would replace; choose another one", dir)
	}
	junit, err := junitOver(arrange(records))
	if err != nil {
		return nil, err
	}
	index, err := HTML(records, lecture)
	if err != nil {
		return nil, err
	}
	paths, err := writePages(dir, []file{{"verdicts.md", []byte(Summary(records))}, {"junit.xml", junit}, {"index.html", index}, {badgeFile, badge(records)}})
	if err != nil {
		return paths, err
	}
	return append(paths, path), evidence.WriteRecords(path, records)
}

// file is one report.
type file struct {
	name string
	text []byte
}

// writePages writes reports into a folder and returns their paths.
func writePages(dir string, pages []file) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("create the folder of the reports: %w", err)
	}
	var paths []string
	for _, page := range pages {
		path := filepath.Join(dir, page.name)
		if err := atomicfile.Write(path, page.text, 0o644); err != nil {
			return paths, fmt.Errorf("write a report: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// bounded is a page of limited size, in bytes. It omits and counts blocks that do not fit.
type bounded struct {
	strings.Builder
	room, omitted int
}

func (b *bounded) block(text string) {
	if len(text) > b.room {
		b.omitted++
		return
	}
	b.room -= len(text)
	b.WriteString(text)
}

// Summary renders several records as a page for the summary of a GitHub job: the flips, every claim on every version, the
// failures of runs, and the details of failed claims.
func Summary(records []*evidence.Record) string {
	columns := arrange(records)
	groups := matrix(columns)
	overview, reasons := matrixTable(columns, groups), failures(columns)
	b := &bounded{room: longestSummary - len(overview) - len(reasons) - 1024}
	fmt.Fprintf(b, "# Verdicts on %s\n", untrusted.Markdown(titleOf(columns)))
	if flips := changed(groups).Flips; len(flips) > 0 {
		b.WriteString("\n## Flips\n")
		for _, f := range flips {
			b.block(flipSection(f))
		}
	}
	b.WriteString(overview)
	b.WriteString(reasons)
	if failed := failedCells(groups); len(failed) > 0 {
		b.WriteString("\n## Failed claims\n")
		for _, c := range failed {
			var text strings.Builder
			section(&text, c.Claim, c.Column.Label)
			b.block(text.String())
		}
	}
	if b.omitted > 0 {
		fmt.Fprintf(b, "\n%d more do not fit here; index.html contains all of them.\n", b.omitted)
	}
	return b.String()
}

// matrixTable renders the claims and versions as a table of signs.
func matrixTable(columns []*column, groups []*group) string {
	var b strings.Builder
	b.WriteString("\n## Claims and versions\n\n| claim |")
	for _, c := range columns {
		fmt.Fprintf(&b, " %s |", untrusted.Markdown(c.Label))
	}
	b.WriteString("\n|---|" + strings.Repeat(":---:|", len(columns)) + "\n")
	for _, g := range groups {
		for _, r := range g.Rows {
			fmt.Fprintf(&b, "| %s |", untrusted.Markdown(r.ID))
			for _, c := range r.Cells {
				text := ""
				if c.Claim != nil {
					text = sign(c.Claim.Verdict)
					if c.Claim.Drift || c.Claim.Flip.Fails() {
						text += " ⚠️"
					}
					if c.Claim.Turned() {
						text += " " + turnedMark
					}
				}
				fmt.Fprintf(&b, " %s |", text)
			}
			b.WriteString("\n")
		}
	}
	b.WriteString("\n")
	for _, v := range verdicts() {
		fmt.Fprintf(&b, "%s %s · ", sign(v), v)
	}
	b.WriteString("⚠️ drifted, or flipped unexpectedly")
	if slices.ContainsFunc(columns, func(c *column) bool { return anyTurned(c.Claims) }) {
		b.WriteString(" · " + turnedMark + " " + turnedMeans)
	}
	b.WriteString("\n\n")
	for _, c := range columns {
		fmt.Fprintf(&b, "- %s: %s\n", untrusted.Markdown(c.Label), c.Summary())
	}
	return b.String()
}

// failures renders the reasons of failed runs.
func failures(columns []*column) string {
	var b strings.Builder
	for _, c := range columns {
		if c.Failure == "" {
			continue
		}
		if b.Len() == 0 {
			b.WriteString("\n## Failed runs\n")
		}
		fmt.Fprintf(&b, "\n**%s**\n\n%s", untrusted.Markdown(c.Label), untrusted.Fence("text", lastLines(c.Failure)))
	}
	return b.String()
}

// failedCells returns the claims that fail a run, with their versions.
func failedCells(groups []*group) []*entry {
	var failed []*entry
	for _, g := range groups {
		for _, r := range g.Rows {
			for _, c := range r.Cells {
				if c.Claim != nil && c.Claim.Failed() {
					failed = append(failed, c)
				}
			}
		}
	}
	return failed
}

// Drift renders the claims that came out other than expected as the body of a GitHub issue, with their earlier results. It
// returns "" if there are none. In addition it lists claims that are as expected again. Its headings do not change while the
// same claims drift in the same way.
func Drift(records []*evidence.Record) string {
	all := changed(matrix(arrange(records)))
	if len(all.Drifts) == 0 {
		return ""
	}
	b := &bounded{room: longestIssue - 1024}
	fmt.Fprintf(b, "%s came out other than expected.\n", counting(len(all.Drifts), "claim"))
	listed := map[*flip]bool{}
	for _, d := range all.Drifts {
		for _, c := range d.Cells {
			var text strings.Builder
			fmt.Fprintf(&text, "\n## %s on %s: expected %s, observed %s\n", untrusted.Markdown(c.Claim.ID), untrusted.Markdown(c.Column.Label),
				untrusted.Markdown(string(c.Claim.Expected)), untrusted.Markdown(string(c.Claim.Verdict)))
			for _, f := range all.Flips {
				if f.Fails() && (f.Newer == c || f.Older == c) && !listed[f] {
					listed[f] = true
					text.WriteString(flipSection(f))
				}
			}
			section(&text, c.Claim, c.Column.Label)
			b.block(text.String())
		}
	}
	back := slices.DeleteFunc(slices.Clone(all.Flips), func(f *flip) bool { return !f.Fails() || listed[f] })
	if len(back) > 0 {
		b.WriteString("\n---\n\nAs expected again:\n")
	}
	for _, f := range back {
		b.block(flipSection(f))
	}
	if b.omitted > 0 {
		fmt.Fprintf(b, "\n%d more do not fit here; the page on all records contains all of them.\n", b.omitted)
	}
	return b.String()
}

package notes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

// longest is the maximum length of one piece of evidence in the annotation, in characters.
const longest = 160

func mark(v claim.Verdict) string {
	switch v {
	case claim.Holds:
		return "✅"
	case claim.InPart:
		return "🔶"
	case claim.Refuted:
		return "❌"
	case claim.NotRun:
		return "⏭️"
	default:
		return "❔"
	}
}

// Annotate returns the unchanged notes as Markdown, in their own language, with the verdict, short evidence and a correction
// after each sentence. Notes in Markdown keep their form: annotations of a table, a block of code or a quotation are below it.
// Plain lines that one quote spans stay together. Claims of the record whose quotes are not in the notes are listed at the end.
func Annotate(n *Notes, record *evidence.Record) string {
	b := annotation{Words: n.Language().Words(), version: versionOf(record)}
	for _, line := range n.lines[:n.front] { // at the beginning, where generators of sites look for it
		b.WriteString(line + "\n")
	}
	b.head(record)

	quotes := make([]Quote, len(record.Claims))
	for i, c := range record.Claims {
		quotes[i] = Quote{c.Quote, c.At}
	}
	var lost []int
	if n.IsMarkdown() {
		lost = b.markdown(n, quotes, record.Claims)
	} else {
		lost = b.plain(n, quotes, record.Claims)
	}
	if len(lost) > 0 {
		fmt.Fprintf(&b, "\n## %s\n\n", b.Lost)
		for _, i := range lost {
			fmt.Fprintf(&b, "- %s\n", untrusted.Markdown(quotes[i].Text))
			b.answer(record.Claims[i], "")
		}
	}
	return b.String()
}

// versionOf returns the version of the cluster of a record; the zero value if it is unknown.
func versionOf(record *evidence.Record) claim.Version {
	version, err := claim.ParseVersion(record.Kubernetes())
	if err != nil {
		return claim.Version{}
	}
	return version
}

// plain writes plain notes with annotations.
func (b *annotation) plain(n *Notes, quotes []Quote, claims []*evidence.Claim) (lost []int) {
	passages, lost := n.Passages(quotes)
	for _, p := range passages {
		b.sentence(p.Lines)
		for _, i := range p.Quotes {
			b.answer(claims[i], "")
		}
		if len(p.Quotes) > 0 {
			b.WriteString("\n")
		}
	}
	return lost
}

// markdown writes notes in Markdown, with annotations as quotations.
func (b *annotation) markdown(n *Notes, quotes []Quote, claims []*evidence.Claim) (lost []int) {
	woven, lost := n.weave(quotes, func(here ends) string {
		answers := annotation{Words: b.Words, version: b.version}
		for _, i := range here.quotes {
			about := ""
			if here.apart {
				about = claims[i].Quote
			}
			answers.answer(claims[i], about)
		}
		var quoted strings.Builder
		for line := range strings.Lines(answers.String()) {
			quoted.WriteString("> " + strings.TrimPrefix(line, "  "))
		}
		return quoted.String()
	})
	b.WriteString(woven)
	return lost
}

// annotation builds the annotated notes.
type annotation struct {
	strings.Builder
	Words
	version claim.Version // of the cluster; the zero value if it is unknown
}

func (b *annotation) head(record *evidence.Record) {
	version := record.Version
	switch {
	case version == "" && record.Wanted == "":
		version = b.unknown
	case version == "":
		version = fmt.Sprintf(b.noCluster, record.Wanted)
	}
	fmt.Fprintf(b, "# "+b.title+"\n\n", untrusted.Markdown(version))
	count := map[claim.Verdict]int{}
	drifts := 0
	for _, c := range record.Claims {
		count[c.Verdict]++
		if c.Drift {
			drifts++
		}
	}
	var counts []string
	for _, v := range []claim.Verdict{claim.Holds, claim.InPart, claim.Refuted, claim.Inconclusive, claim.NotRun} {
		if count[v] > 0 {
			counts = append(counts, fmt.Sprintf(b.tally, mark(v), b.Verdict(v), count[v]))
		}
	}
	fmt.Fprintf(b, b.checked, len(record.Claims), len(record.Claims)-count[claim.NotRun])
	if len(counts) > 0 {
		fmt.Fprintf(b, ": %s", strings.Join(counts, ", "))
	}
	b.WriteString(".\n")
	if drifts > 0 {
		fmt.Fprintf(b, "\n⚠️ "+b.manyDrifted+"\n", drifts)
	}
	if record.Partial {
		fmt.Fprintf(b, "\n⚠️ %s\n", b.isPartial)
	}
	if record.Failure != "" {
		fmt.Fprintf(b, "\n⚠️ "+b.brokenOff+"\n", untrusted.Markdown(record.Failure))
	}
	b.WriteString("\n---\n\n")
}

// sentence writes lines of the notes that belong together, unchanged.
func (b *annotation) sentence(lines []string) {
	text := strings.TrimSpace(lines[0])
	switch {
	case len(lines) == 1 && text == "":
		return
	case len(lines) > 1:
		fmt.Fprintf(b, "\n%s\n", untrusted.Fence("text", strings.Join(lines, "\n")))
	case strings.HasPrefix(text, "- "):
		fmt.Fprintf(b, "- %s\n", untrusted.Markdown(strings.TrimPrefix(text, "- ")))
	default:
		fmt.Fprintf(b, "\n%s\n\n", untrusted.Markdown(text))
	}
}

// answer writes the verdict of one claim as a nested list. about is the quote if it is not directly above; otherwise it is
// empty.
func (b *annotation) answer(c *evidence.Claim, about string) {
	fmt.Fprintf(b, "  - %s **%s** `%s`", mark(c.Verdict), b.Verdict(c.Verdict), untrusted.Line(strings.ReplaceAll(c.ID, "`", "'")))
	if about != "" {
		fmt.Fprintf(b, " “%s”", untrusted.Markdown(untrusted.Short(about, longest)))
	}
	if c.Drift {
		fmt.Fprintf(b, " ⚠️ "+b.Unexpected, b.Verdict(c.Expected))
	}
	if c.Flip != nil {
		fmt.Fprintf(b, " ⚠️ "+b.Was, untrusted.Markdown(c.Flip.Version), b.Verdict(c.Flip.Verdict))
	}
	if c.Turned() {
		b.WriteString(" ⇄ " + b.Turned)
	}
	b.WriteString("\n")
	if c.Reason != "" {
		fmt.Fprintf(b, "    - %s: %s\n", b.Why, untrusted.Markdown(untrusted.Short(c.Reason, 2*longest)))
	}
	if c.Verdict != claim.NotRun {
		for _, p := range c.Points {
			fmt.Fprintf(b, "    - %s: %s", b.truths[p.Observed], untrusted.Prose(b.Text(p.Text())))
			if e, ok := decisive(p); ok {
				b.WriteString(b.watched(e))
			}
			if p.Turned() {
				b.WriteString(" ⇄")
			}
			if p.Unproven != "" {
				fmt.Fprintf(b, " – %s: %s", b.Why, untrusted.Markdown(untrusted.Short(p.Unproven, longest)))
			}
			b.WriteString("\n")
		}
	}
	correction := b.Text(c.Correction)
	if (c.Verdict == claim.InPart || c.Verdict == claim.Refuted) && correction != "" {
		fmt.Fprintf(b, "    - **%s:** %s\n", b.Rather, untrusted.Prose(correction))
	}
	b.remark(c.Remark)
	if c.Verdict != claim.NotRun {
		b.values(c.Points)
	}
}

// remark writes what a reader should learn beside the verdict.
func (b *annotation) remark(r claim.Remark) {
	text := b.Text(r.Text())
	if text == "" {
		return
	}
	fmt.Fprintf(b, "    - **%s:** %s", b.Note, untrusted.Prose(text))
	if link := r.Link(b.version); link != "" {
		fmt.Fprintf(b, " ([%s](%s))", b.Docs, link)
	}
	b.WriteString("\n")
}

// values writes what was seen of the points, folded: raw values of the cluster.
func (b *annotation) values(points []evidence.Point) {
	var lines strings.Builder
	for _, p := range points {
		if e, ok := decisive(p); ok {
			fmt.Fprintf(&lines, "      - %s → %s\n", untrusted.Markdown(untrusted.Short(e.Looked, longest)), untrusted.Markdown(untrusted.Short(e.Saw, longest)))
		}
	}
	if lines.Len() > 0 {
		fmt.Fprintf(b, "    - <details><summary>%s</summary>\n\n%s\n      </details>\n", b.Evidence, lines.String())
	}
}

// watched returns how often and how long was looked, in brackets; empty if there was only one look, or if the record does not
// contain the number.
func (b *annotation) watched(e evidence.Evidence) string {
	if e.Looks == nil || e.Looks.Count < 2 {
		return ""
	}
	return fmt.Sprintf(" ("+b.looks+")", e.Looks.Count, e.Seconds)
}

// decisive returns the evidence that decided the point: the last one that shows what was observed. If there is none, it returns
// the last evidence.
func decisive(p evidence.Point) (evidence.Evidence, bool) {
	for _, e := range slices.Backward(p.Evidence) {
		if e.Truth == p.Observed && !e.Supporting {
			return e, true
		}
	}
	if len(p.Evidence) == 0 {
		return evidence.Evidence{}, false
	}
	return p.Evidence[len(p.Evidence)-1], true
}

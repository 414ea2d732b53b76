package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/untrusted"
	"github.com/noteproof/noteproof/harness/notes"
)

//go:embed page
var pageFiles embed.FS

// page is the data of the template page/page.html.
type page struct {
	Title                 string
	Style, Hiding         template.CSS
	Script                template.JS
	StyleHash, ScriptHash string
	HidingHash            string
	Columns               []*column
	Newest                *column // the newest with claims; nil if there is none
	Groups                []*group
	Claims                int
	changes
	Failures []*column
	Runs     []*run
	Passages []passage // of the annotated notes
	Woven    bool      // the passages are Markdown, rendered as HTML
	Lost     []answer  // claims whose quote is not in the notes
	languages
}

// column is one record: a column of the matrix.
type column struct {
	N     int // 0 for the newest
	Label string
	*evidence.Record
}

// cluster returns what distinguishes the cluster from that of other columns with the same version: the name of an adopted
// cluster, or the variant of one of our own; "" for our own configuration.
func (c *column) cluster() string {
	if c.Environment.Adopted {
		return "@" + c.Environment.Cluster
	}
	return c.Variant
}

// plain returns whether the cluster has our own configuration.
func (c *column) plain() bool { return c.cluster() == "" }

// Minor returns the minor version with which the label begins: v1.37 of v1.37.2. It returns "" if the label begins otherwise.
func (c *column) Minor() string {
	minor := semver.MajorMinor(c.Kubernetes())
	if !strings.HasPrefix(c.Label, minor) {
		return ""
	}
	return minor
}

// Rest returns the part of the label after Minor.
func (c *column) Rest() string { return strings.TrimPrefix(c.Label, c.Minor()) }

// Count returns the number of claims with each verdict, in the order of the legend, including 0.
func (c *column) Count() []counted {
	t := count(c.Record)
	all := make([]counted, 0, len(verdicts()))
	for _, v := range verdicts() {
		all = append(all, counted{v, t.verdicts[v]})
	}
	return all
}

// Summary returns the column's tally in one line.
func (c *column) Summary() string { return count(c.Record).String() }

type counted struct {
	Verdict claim.Verdict
	N       int
}

func verdicts() []claim.Verdict {
	return []claim.Verdict{claim.Holds, claim.InPart, claim.Refuted, claim.Inconclusive, claim.NotRun}
}

// HTML renders one page on all records, which needs neither a network nor a server: the matrix of claims and versions, the
// changes between them, the notes with their verdicts (unless lecture is nil), and the timeline of each run. Without scripts,
// the filters still work; the conveniences in page.js do not.
func HTML(records []*evidence.Record, lecture *notes.Notes) ([]byte, error) {
	p := &page{}
	var shown []*evidence.Record
	for _, record := range records {
		clean, err := cleaned(record)
		if err != nil {
			return nil, err
		}
		shown = append(shown, clean)
	}
	p.Columns = arrange(shown)
	for _, c := range p.Columns {
		if p.Newest == nil && len(c.Claims) > 0 {
			p.Newest = c
		}
		if c.Failure != "" {
			p.Failures = append(p.Failures, c)
		}
		p.Runs = append(p.Runs, newRun(c))
	}
	p.Title = strings.Replace(titleOf(p.Columns), " to ", " – ", 1)
	p.languages = languagesOf(lecture, p.Columns)
	p.Groups = matrix(p.Columns)
	p.changes = changed(p.Groups)
	for _, g := range p.Groups {
		p.Claims += len(g.Rows)
	}
	fill(p.Columns, p.Groups)
	for i, r := range p.Runs {
		r.open(p.Groups)
		r.First = p.Runs[0]
		r.Brief = i > 0 && len(p.Columns) > maxInWords && r.Failure == ""
	}
	if lecture != nil {
		p.Woven = lecture.IsMarkdown()
		p.Passages, p.Lost = annotated(lecture, p.Groups, p.Flips)
	}
	return p.render()
}

func (p *page) render() ([]byte, error) {
	style, err := pageFiles.ReadFile("page/page.css")
	if err != nil {
		return nil, fmt.Errorf("read the page's style: %w", err)
	}
	script, err := pageFiles.ReadFile("page/page.js")
	if err != nil {
		return nil, fmt.Errorf("read the page's script: %w", err)
	}
	p.Style, p.Hiding = template.CSS(style), template.CSS(hiding(p.Columns, p.Groups))
	p.Script = template.JS(script)
	p.StyleHash, p.HidingHash, p.ScriptHash = hash(string(p.Style)), hash(string(p.Hiding)), hash(string(p.Script))
	t := template.New("").Funcs(p.words())
	for _, name := range []string{"parts.html", "page.html"} {
		text, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			return nil, fmt.Errorf("read the page's template: %w", err)
		}
		if t, err = t.New(name).Parse(lean(string(text))); err != nil {
			return nil, fmt.Errorf("read the page's template: %w", err)
		}
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("render the page: %w", err)
	}
	return b.Bytes(), nil
}

// lean returns a template without its indentation, which in a large page would take a tenth of the bytes.
func lean(template string) string {
	return indentation.ReplaceAllString(beforeAction.ReplaceAllString(template, "$1"), "\n")
}

var (
	beforeAction = regexp.MustCompile(`\n\s*(\{\{(?:if|with|range|else|end|\$))`)
	indentation  = regexp.MustCompile(`\n\s+`)
)

// hash returns the hash by which a Content-Security-Policy allows a text.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// cleaned returns a copy of the record in which every string is safe to show.
func cleaned(record *evidence.Record) (*evidence.Record, error) {
	raw, err := json.Marshal(record)
	if err != nil {
		return nil, fmt.Errorf("copy a record: %w", err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("copy a record: %w", err)
	}
	if raw, err = json.Marshal(cleanTree(tree)); err != nil {
		return nil, fmt.Errorf("copy a record: %w", err)
	}
	clean := &evidence.Record{}
	if err := json.Unmarshal(raw, clean); err != nil {
		return nil, fmt.Errorf("copy a record: %w", err)
	}
	clean.Claims = slices.DeleteFunc(clean.Claims, func(c *evidence.Claim) bool { return c == nil })
	return clean, nil
}

func cleanTree(tree any) any {
	switch t := tree.(type) {
	case string:
		return untrusted.Text(t)
	case []any:
		for i := range t {
			t[i] = cleanTree(t[i])
		}
	case map[string]any:
		for k := range t {
			t[k] = cleanTree(t[k])
		}
	}
	return tree
}

// arrange makes each record a column, the newest version first. Labels of records of the same version also name the cluster or,
// if that is the same too, the time.
func arrange(records []*evidence.Record) []*column {
	columns := make([]*column, len(records))
	for i, record := range records {
		columns[i] = &column{Label: record.Label(), Record: record}
	}
	slices.SortStableFunc(columns, newestFirst)
	distinguish := func(more func(*column) string) {
		same := map[string]int{}
		for _, c := range columns {
			same[c.Label]++
		}
		for _, c := range columns {
			if says := more(c); same[c.Label] > 1 && says != "" {
				c.Label += ", " + says
			}
		}
	}
	distinguish(func(c *column) string { return c.Environment.Cluster })
	distinguish(func(c *column) string {
		if c.Started.IsZero() {
			return ""
		}
		return c.Started.UTC().Format("2 Jan 15:04")
	})
	for i, c := range columns {
		c.N = i
	}
	return columns
}

// newestFirst orders by version, then the variants of a version after our own configuration, then by time. Records of unknown
// version come last.
func newestFirst(a, b *column) int {
	return cmp.Or(semver.Compare(b.Kubernetes(), a.Kubernetes()), strings.Compare(a.Variant, b.Variant), b.Started.Compare(a.Started))
}

func titleOf(columns []*column) string {
	switch len(columns) {
	case 0:
		return "No record"
	case 1:
		return "Kubernetes " + columns[0].Label
	}
	newest, oldest := columns[0].Kubernetes(), columns[0].Kubernetes()
	for _, c := range columns {
		if c.Kubernetes() != "" {
			oldest = c.Kubernetes()
		}
	}
	if oldest == newest {
		return fmt.Sprintf("Kubernetes %s, %d runs", cmp.Or(newest, "of unknown version"), len(columns))
	}
	return fmt.Sprintf("Kubernetes %s to %s", oldest, newest)
}

// words returns the functions of the templates.
func (p *page) words() template.FuncMap {
	return template.FuncMap{
		"t":        p.say,
		"tr":       p.both,
		"vt":       p.verdict,
		"tt":       p.truth,
		"word":     p.word,
		"docs":     docs,
		"watched":  plainly,
		"kind":     kind,
		"meaning":  meaning,
		"lang":     lang,
		"clock":    clock,
		"day":      day,
		"rfc3339":  func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"took":     took,
		"period":   period,
		"decisive": decisive,
		"many":     func(columns []*column) bool { return len(columns) > maxInWords },
		"count":    func(n int, one string) string { return counting(n, one) },
		"short":    untrusted.Short,
		"truth":    truth,
		"as":       func(p evidence.Point) bool { return p.Observed.Is(p.Expected) },
		"seen":     func(o claim.Observed) bool { return o != claim.Nothing },
		"wrong":    func(c *evidence.Claim) bool { return c.Verdict == claim.InPart || c.Verdict == claim.Refuted },
		"notRun":   func(c *evidence.Claim) bool { return c.Verdict == claim.NotRun },
		"settled":  (*evidence.Claim).Settled,
		"controls": controlsOf,
		"kinds":    kinds,
		"outcome":  inClaim,
		"looked":   looked,
		"saw":      saw,
		"failed":   failedLooks,
		"reversal": reversal,
		"health":   health,
		"reason":   func(text string) string { return untrusted.Short(text, longestLook) },
		"minute":   minute,
		"next":     func(n int) int { return n + 1 },
		"sides":    func(f *flip) []*entry { return []*entry{f.Older, f.Newer} },
	}
}

// kind returns the name of a verdict in classes and IDs. An unknown verdict counts as inconclusive.
func kind(v claim.Verdict) string {
	switch v {
	case claim.Holds, claim.Refuted:
		return string(v)
	case claim.InPart:
		return "part"
	case claim.NotRun:
		return "notrun"
	default:
		return "inconclusive"
	}
}

func meaning(v claim.Verdict) string {
	switch v {
	case claim.Holds:
		return "every point was seen to be true"
	case claim.InPart:
		return "some points true, others false"
	case claim.Refuted:
		return "every point was seen to be false"
	case claim.NotRun:
		return "not run, for the given reason"
	default:
		return "not observed, so there is no answer"
	}
}

// docs returns the link of a remark to the documentation of the version of a cell; empty if there is none.
func docs(c *entry) string {
	version, err := claim.ParseVersion(c.Column.Kubernetes())
	if err != nil {
		version = claim.Version{}
	}
	return c.Claim.Remark.Link(version)
}

// plainly returns how often and how long the decisive look at a point was repeated, for readers who do not want to see its value.
func plainly(p evidence.Point) *lookCount {
	e := decisive(p)
	if e.Looks == nil {
		return nil
	}
	return &lookCount{e.Looks.Count, period(e.Seconds)}
}

type lookCount struct {
	Count int
	Took  claim.Text
}

// lang returns the language of a text of the notes, for screen readers and line breaks.
func lang(text string) string { return string(notes.LanguageOf(text)) }

func truth(o claim.Observed) string {
	if o == claim.Nothing {
		return "not observed"
	}
	return o.String()
}

func took(seconds float64) string {
	switch {
	case seconds < 0.05:
		return "under 0.1 s"
	case seconds < 100:
		return fmt.Sprintf("%.1f s", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%d min %d s", int(seconds)/60, int(seconds)%60)
	default:
		return fmt.Sprintf("%d h %d min", int(seconds)/3600, int(seconds)%3600/60)
	}
}

// period is took in all languages.
func period(seconds float64) claim.Text {
	english := took(seconds)
	korean := strings.NewReplacer("under 0.1 s", "0.1초 미만", " min", "분", " s", "초", " h", "시간").Replace(english)
	return claim.Text{EN: english, KO: korean}
}

// day returns a time to the minute, in all languages.
func day(t time.Time) claim.Text {
	return claim.Text{EN: t.UTC().Format("2 January 2006, 15:04 UTC"), KO: t.UTC().Format("2006년 1월 2일 15:04 UTC")}
}

func counting(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// fact is one property of the environment.
type fact struct{ Name, Value string }

// facts returns the observed properties of the environment.
func facts(e evidence.Environment) []fact {
	var seen []fact
	add := func(name, value string) {
		if value != "" {
			seen = append(seen, fact{name, value})
		}
	}
	add("noteproof", e.Noteproof)
	add("Engine", e.Engine)
	add("Cluster", e.Cluster)
	if e.Reused {
		add("Created", "before this run")
	}
	add("Node image", strings.TrimSpace(e.NodeImage+" "+e.NodeImageDigest))
	add("Workload image", e.WorkloadImage)
	add("Pulled images", strings.Join(e.Pulled, ", "))
	add("Container runtime", e.ContainerRuntime)
	add("Network", e.CNI)
	add("kube-proxy", e.KubeProxyMode)
	add("Kernel", e.Kernel)
	add("cgroup", e.CgroupVersion)
	add("Operating system", strings.TrimSpace(e.OS+" "+e.Architecture))
	if e.CPUs > 0 {
		add("CPUs", fmt.Sprint(e.CPUs))
	}
	if e.MemoryMiB > 0 {
		add("Memory", fmt.Sprintf("%.1f GiB", float64(e.MemoryMiB)/1024))
	}
	for _, n := range e.Nodes {
		add("Node", strings.Join(slices.DeleteFunc([]string{n.Name, n.Role, n.Version, n.Address}, func(s string) bool { return s == "" }), " · "))
	}
	return seen
}

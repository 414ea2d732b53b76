package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// group contains the claims of one topic: a body of the matrix.
type group struct {
	N       int
	Name    string
	Rows    []*row
	Pattern string // of all rows together
}

// row is one claim on all versions.
type row struct {
	ID, Quote string
	Panel     string // the ID of its panel
	At        claim.Place
	Topic     int
	Pattern   string // the same for rows with the same verdicts on the same versions
	Cells     []*entry
}

// entry is one claim on one version. Claim is nil if the record does not contain it.
type entry struct {
	Panel  string // the ID of the row's panel
	ID     string // of its evidence in the panel
	Column *column
	Claim  *evidence.Claim
	full   bool // the panel contains all of its evidence
}

// matrix groups the claims by topic, in the order of the newest record, followed by claims that only older records contain.
func matrix(columns []*column) []*group {
	var groups []*group
	byTopic, byID := map[string]*group{}, map[string]*row{}
	for _, column := range columns {
		for _, c := range column.Claims {
			topic, _, _ := strings.Cut(c.ID, ".")
			g := byTopic[topic]
			if g == nil {
				g = &group{N: len(groups), Name: topic}
				byTopic[topic], groups = g, append(groups, g)
			}
			r := byID[c.ID]
			if r == nil {
				r = &row{ID: c.ID, Panel: fmt.Sprintf("c%d", len(byID)), Quote: c.Quote, At: c.At, Topic: g.N}
				for _, other := range columns {
					r.Cells = append(r.Cells, &entry{Panel: r.Panel, ID: address(c.ID, len(byID), other, columns), Column: other})
				}
				byID[c.ID], g.Rows = r, append(g.Rows, r)
			}
			r.Cells[column.N].Claim = c
		}
	}
	patterns := map[string]string{}
	short := func(cells []*entry) string {
		long := pattern(cells)
		if long != "" && patterns[long] == "" {
			patterns[long] = fmt.Sprintf("p%d", len(patterns))
		}
		return patterns[long]
	}
	for _, g := range groups {
		var all []*entry
		for _, r := range g.Rows {
			r.Pattern = short(r.Cells)
			all = append(all, r.Cells...)
		}
		g.Pattern = short(all)
	}
	return groups
}

// address returns the ID of the evidence for a claim on a version: "pod.localhost@v1.37", or on a variant "pod.localhost@v1.37+ipvs",
// which is the same on all pages. Only the first column of a minor version, or of its variant, gets this ID. Other columns, and
// claims whose ID cannot be used, get a numbered one.
func address(id string, n int, on *column, columns []*column) string {
	alike := func(c *column) bool { return c.Minor() == on.Minor() && c.Variant == on.Variant }
	first := columns[slices.IndexFunc(columns, alike)]
	if on.Minor() == "" || first != on || !linkable(id) || on.Variant != "" && !plainVariant.MatchString(on.Variant) {
		return fmt.Sprintf("claim-%d-on-%d", n, on.N)
	}
	if on.Variant != "" {
		return id + "@" + on.Minor() + "+" + on.Variant
	}
	return id + "@" + on.Minor()
}

var plainVariant = regexp.MustCompile(`^[a-z0-9-]+$`)

// linkable reports whether a claim's ID can be used as the ID of an element.
func linkable(id string) bool { return plainID.MatchString(id) }

var plainID = regexp.MustCompile(`^[a-z]+\.[a-z0-9-]+$`)

// Anchor returns the ID of the row; "" if the claim's ID cannot be used.
func (r *row) Anchor() string {
	if !linkable(r.ID) {
		return ""
	}
	return r.ID
}

// pattern encodes the verdicts and their versions, which the filters match.
func pattern(cells []*entry) string {
	var pairs []string
	for _, c := range cells {
		if c.Claim != nil {
			pairs = append(pairs, fmt.Sprintf("%d%s", c.Column.N, kind(c.Claim.Verdict)))
		}
	}
	slices.Sort(pairs)
	return strings.Join(slices.Compact(pairs), " ")
}

// hiding returns the style that makes the filters work without a script. A row is hidden if each of its cells has a version or a
// verdict that is not selected. The conditions are about main, where the filters are: a browser searches all below the element of a
// condition, and the panels, which are behind main, are most of the page.
func hiding(columns []*column, groups []*group) string {
	var b strings.Builder
	hide := func(cond, what string) { fmt.Fprintf(&b, "main%s %s{display:none}\n", cond, what) }
	unselected := func(ids ...string) string { return ":has(:is(" + strings.Join(ids, ",") + "):not(:checked))" }
	for _, c := range columns {
		version := fmt.Sprintf("[data-version=%q]", fmt.Sprint(c.N))
		cond := unselected(fmt.Sprintf("#version-%d", c.N))
		hide(cond, version)
		hide(cond, "~ .panel "+version)
	}
	done := map[string]bool{}
	rows := func(pattern string, cells []*entry) {
		if pattern == "" || done[pattern] {
			return
		}
		done[pattern] = true
		pairs := map[string]bool{}
		cond := ""
		for _, c := range cells {
			if c.Claim == nil {
				continue
			}
			pair := unselected(fmt.Sprintf("#version-%d", c.Column.N), "#verdict-"+kind(c.Claim.Verdict))
			if !pairs[pair] {
				pairs[pair], cond = true, cond+pair
			}
		}
		hide(cond, fmt.Sprintf("[data-pattern=%q]", pattern))
	}
	for _, g := range groups {
		hide(unselected(fmt.Sprintf("#topic-%d", g.N)), fmt.Sprintf("[data-topic=%q]", fmt.Sprint(g.N)))
		var all []*entry
		for _, r := range g.Rows {
			rows(r.Pattern, r.Cells)
			all = append(all, r.Cells...)
		}
		rows(g.Pattern, all)
	}
	return b.String()
}

// Verdicts returns the verdicts that occur, for the filter.
func (p *page) Verdicts() []counted {
	n := map[claim.Verdict]int{}
	for _, g := range p.Groups {
		for _, r := range g.Rows {
			for _, c := range r.Cells {
				if c.Claim != nil {
					n[known(c.Claim.Verdict)]++
				}
			}
		}
	}
	var occur []counted
	for _, v := range verdicts() {
		if n[v] > 0 {
			occur = append(occur, counted{v, n[v]})
		}
	}
	return occur
}

// known returns the verdict, or inconclusive for an unknown one.
func known(v claim.Verdict) claim.Verdict {
	if slices.Contains(verdicts(), v) {
		return v
	}
	return claim.Inconclusive
}

package notes_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/notes"
)

const studied = `# Services

A **Service** has a [stable IP](https://kubernetes.io/docs/), which
is a *virtual* one. It leads to ` + "`ready`" + ` Pods.

- ClusterIP: inside only
  - a nested one
- NodePort: on each node &amp; outside

## ClusterIP

It is the default.

` + "```yaml" + `
kind: Service
spec: {type: ClusterIP}
` + "```" + `

| type | reached from |
|---|---|
| ClusterIP | inside |
| NodePort | outside |

> A quotation says
> something.

<details><summary>More</summary></details>

<br>

## NodePort

It is the default.

Ports
-----

---
`

func TestAQuoteOfMarkdownIsVisibleText(t *testing.T) {
	n := notes.Parse(studied)
	for name, c := range map[string]struct {
		quote notes.Quote
		line  int
		wrong string
	}{
		"emphasis and links":  {notes.Quote{Text: "A Service has a stable IP"}, 3, ""},
		"as it was typed":     {notes.Quote{Text: "A **Service** has a [stable IP]"}, 3, ""},
		"code spans":          {notes.Quote{Text: "It leads to ready Pods."}, 4, ""},
		"an entity":           {notes.Quote{Text: "on each node & outside"}, 8, ""},
		"a whole item":        {notes.Quote{Text: "a nested one"}, 7, ""},
		"a row":               {notes.Quote{Text: "NodePort outside"}, 22, ""},
		"a row as typed":      {notes.Quote{Text: "| NodePort | outside |"}, 22, ""},
		"a line of code":      {notes.Quote{Text: "spec: {type: ClusterIP}"}, 16, ""},
		"a heading":           {notes.Quote{Text: "ClusterIP"}, 10, ""},
		"within HTML":         {notes.Quote{Text: "More"}, 27, ""},
		"several places":      {notes.Quote{Text: "It is the default."}, 0, "2 times, on line 12 and on line 33"},
		"under a heading":     {notes.Quote{Text: "It is the default.", At: claim.Place{Under: "NodePort"}}, 33, ""},
		"the second":          {notes.Quote{Text: "It is the default.", At: claim.Place{Nth: 2}}, 33, ""},
		"the third of two":    {notes.Quote{Text: "It is the default.", At: claim.Place{Nth: 3}}, 0, "2 times: there is no occurrence 3"},
		"under a wrong one":   {notes.Quote{Text: "It is the default.", At: claim.Place{Under: "Ports"}}, 0, `it is on line 12, under "ClusterIP"`},
		"a target of a link":  {notes.Quote{Text: "kubernetes.io/docs"}, 3, ""},
		"a missing quote":     {notes.Quote{Text: "A Service has no stable IP"}, 0, "is not in the notes"},
		"lines of two blocks": {notes.Quote{Text: "inside only a nested one"}, 6, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			first, _, err := n.Find(c.quote)
			if c.wrong != "" {
				g.Expect(err).To(MatchError(ContainSubstring(c.wrong)))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(first).To(Equal(c.line))
		})
	}
}

func TestAURLIsText(t *testing.T) {
	g := NewWithT(t)
	n := notes.Parse("# Links\n\nhttps://one.example\n\nSee **the docs** at https://kubernetes.io/docs for Pods,\nor <https://one.example>.\n")
	for quote, line := range map[string]int{
		"https://one.example": 3, "See the docs at https://kubernetes.io/docs for Pods": 5, "or https://one.example": 6,
	} {
		first, _, err := n.Find(notes.Quote{Text: quote, At: claim.Place{Nth: 1}})
		g.Expect(err).NotTo(HaveOccurred(), quote)
		g.Expect(first).To(Equal(line), quote)
	}
	_, _, err := n.Find(notes.Quote{Text: "See the docs at for Pods"})
	g.Expect(err).To(HaveOccurred())
}

func TestInvisibleText(t *testing.T) {
	n := notes.Parse("---\n# c\n\ntitle: Pods\n---\n# `kubectl` &amp; Pods\n\n<!--\na comment\n\nof lines -->\n\n<pre>\nthe output\n</pre>\n\n" +
		"<script>\nvar x\n</script>\n\n<p\nclass=x>a &lt; b</p>\n\nAn arrow \u2b05\ufe0f and a filler\u3164.\n")
	for quote, line := range map[string]int{"the output": 14, "a < b": 22, "An arrow \u2b05 and a filler.": 24, "kubectl & Pods": 6} {
		first, _, err := n.Find(notes.Quote{Text: quote, At: claim.Place{Nth: 1}})
		NewWithT(t).Expect(err).NotTo(HaveOccurred(), quote)
		NewWithT(t).Expect(first).To(Equal(line), quote)
	}
	g := NewWithT(t)
	_, _, err := n.Find(notes.Quote{Text: "the output", At: claim.Place{Under: "kubectl & Pods"}})
	g.Expect(err).NotTo(HaveOccurred(), "a heading is visible text, too")
	account, err := n.Account([]claim.Claim{{ID: "a.b", Quote: "the output"}}, []notes.NotAClaim{{Kind: notes.Heading, Why: "a heading"}})
	g.Expect(err).NotTo(HaveOccurred())
	var left []int
	for _, line := range account.Unanswered() {
		left = append(left, line.Number)
	}
	g.Expect(left).To(Equal([]int{22, 24}))
	g.Expect(n.Language()).To(Equal(notes.English), "a filler is no Hangul")

	record := &evidence.Record{Version: "v1.37.2", Claims: []*evidence.Claim{{ID: "a.b", Quote: "the output", Verdict: claim.Holds}}}
	got := notes.Annotate(n, record)
	g.Expect(got).To(HavePrefix("---\n# c\n\ntitle: Pods\n---\n# "))
	g.Expect(got).To(ContainSubstring("</pre>\n\n> - ✅ **holds** `a.b`"))
}

func TestPiecesOfHTMLAreItsText(t *testing.T) {
	g := NewWithT(t)
	n := notes.Parse("# a\n\n<div onclick=x>\nfirst &lt;words&gt;\n</div>\n\nsecond words\n\n<!-- none -->\n")
	pieces, lost := n.Pieces([]notes.Quote{{Text: "first <words>"}, {Text: "second words"}})
	g.Expect(lost).To(BeEmpty())
	g.Expect(pieces).To(HaveLen(3))
	g.Expect(pieces[0].HTML).To(HaveSuffix("<p>first &lt;words&gt;</p>\n"))
	g.Expect(pieces[1].HTML).To(Equal("<p>second words</p>\n"))
	g.Expect(pieces[2].HTML).To(BeEmpty())

	pieces, _ = notes.Parse("plain words\nand more\n").Pieces([]notes.Quote{{Text: "plain words"}})
	g.Expect(pieces[0].HTML).To(ContainSubstring("plain words"))
}

func TestLinesWithoutTextNeedNotBeCovered(t *testing.T) {
	g := NewWithT(t)
	account, err := notes.Parse(studied).Account(
		[]claim.Claim{{ID: "service.types", Quote: "ClusterIP: inside only"}},
		[]notes.NotAClaim{
			{Kind: notes.Heading, Why: "a heading"},
			{Kind: notes.Code, Why: "an example"},
			{Quote: "It is the default.", Why: "said of each"},
		})
	g.Expect(err).NotTo(HaveOccurred())
	var left []int
	for _, line := range account.Unanswered() {
		left = append(left, line.Number)
	}
	g.Expect(left).To(Equal([]int{3, 4, 7, 8, 19, 21, 22, 24, 25, 27}))
}

func TestAQuoteIsDeclaredBeforeItsKind(t *testing.T) {
	quote, kind := notes.NotAClaim{Quote: "It is the default.", Untested: true, Why: "later"}, notes.NotAClaim{Kind: notes.Prose, Why: "prose"}
	for _, declared := range [][]notes.NotAClaim{{quote, kind}, {kind, quote}} {
		g := NewWithT(t)
		account, err := notes.Parse(studied).Account(nil, declared)
		g.Expect(err).NotTo(HaveOccurred())
		for _, line := range account {
			g.Expect(line.Untested).To(Equal(line.Number == 12 || line.Number == 33), line.Text)
		}
	}
}

func TestInvalidNotClaims(t *testing.T) {
	for wrong, c := range map[string]struct {
		notes string
		not   notes.NotAClaim
	}{
		"the notes are not Markdown, so they have no lines of the kind heading": {"plain\n", notes.NotAClaim{Kind: notes.Heading, Why: "x"}},
		"the notes have no lines of the kind table":                             {"# a\n", notes.NotAClaim{Kind: notes.Table, Why: "x"}},
		"either a quote or a kind":                                              {"# a\n", notes.NotAClaim{Kind: notes.Heading, Quote: "a", Why: "x"}},
		`"heading" is declared without a reason`:                                {"# a\n", notes.NotAClaim{Kind: notes.Heading}},
	} {
		_, err := notes.Parse(c.notes).Account(nil, []notes.NotAClaim{c.not})
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(wrong)))
	}
}

func TestPlainNotesAreNotMarkdown(t *testing.T) {
	g := NewWithT(t)
	for _, plain := range []string{"- one\n- two\n", "a\n---\nb\n", "a\n===\n", "Pod *is* `one`\n", "#label is no heading\n"} {
		g.Expect(notes.Parse(plain).IsMarkdown()).To(BeFalse(), plain)
	}
	g.Expect(lecture(t).IsMarkdown()).To(BeFalse())
	for _, markdown := range []string{"# one\n", "```\ncode\n```\n", "a | b\n--|--\n1 | 2\n"} {
		g.Expect(notes.Parse(markdown).IsMarkdown()).To(BeTrue(), markdown)
	}
}

func TestAnnotateKeepsTheFormOfMarkdown(t *testing.T) {
	g := NewWithT(t)
	record := &evidence.Record{Version: "v1.37.2", Claims: []*evidence.Claim{
		{ID: "service.stable", Quote: "A Service has a stable IP, which is a virtual one.", Verdict: claim.Holds},
		{ID: "service.nested", Quote: "a nested one", Verdict: claim.Refuted, Correction: claim.Text{EN: "Another one."}},
		{ID: "service.yaml", Quote: "kind: Service", Verdict: claim.Holds},
		{ID: "service.row", Quote: "ClusterIP inside", Verdict: claim.InPart},
		{ID: "service.quoted", Quote: "A quotation says", Verdict: claim.Holds},
		{ID: "service.default", Quote: "It is the default.", At: claim.Place{Under: "NodePort"}, Verdict: claim.Refuted},
		{ID: "service.lost", Quote: "gone", Verdict: claim.Holds},
	}}
	got := notes.Annotate(notes.Parse(studied), record)
	for _, want := range []string{
		"is a *virtual* one. It leads to `ready` Pods.\n\n> - ✅ **holds** `service.stable`\n\n\n- ClusterIP",
		"  - a nested one\n\n    > - ❌ **refuted** `service.nested`\n    >   - **Rather:** Another one.\n\n- NodePort",
		"spec: {type: ClusterIP}\n```\n\n> - ✅ **holds** `service.yaml` “kind: Service”\n",
		"| NodePort | outside |\n\n> - 🔶 **in part** `service.row` “ClusterIP inside”\n",
		"> something.\n\n> - ✅ **holds** `service.quoted` “A quotation says”\n",
		"## NodePort\n\nIt is the default.\n\n> - ❌ **refuted** `service.default`\n",
	} {
		g.Expect(got).To(ContainSubstring(want))
	}
	rest := got
	for i, line := range notes.Parse(studied).Lines() {
		_, after, found := strings.Cut(rest, line+"\n")
		g.Expect(found).To(BeTrue(), "line %d, %q, is not in its place", i+1, line)
		rest = after
	}
}

func TestAnnotateClosesABlockOfCodeThatTheNotesLeaveOpen(t *testing.T) {
	g := NewWithT(t)
	record := &evidence.Record{Version: "v1.37.2", Claims: []*evidence.Claim{
		{ID: "a.code", Quote: "kind: Pod", Verdict: claim.Holds}, {ID: "a.lost", Quote: "gone", Verdict: claim.Holds},
	}}
	for text, want := range map[string]string{
		"# a\n\n~~~~yaml\nkind: Pod\n```\n\n":           "kind: Pod\n```\n~~~~\n\n> - ✅ **holds** `a.code`",
		"- ```yaml\n  kind: Pod\n- an item\n":           "  kind: Pod\n  ```\n\n  > - ✅ **holds** `a.code`\n\n- an item\n",
		"# a\n\n```yaml\nkind: Pod\n```\n\n```":         "`a.code` “kind: Pod”\n\n\n```\n```\n\n## ",
		"# a\n\n> ```yaml\n> kind: Pod\n\nend\n":        "> kind: Pod\n\n> - ✅ **holds** `a.code`",
		"# a\n\n> ```yaml\n> kind: Pod\n> ```\n\nend\n": "> kind: Pod\n> ```\n\n> - ✅ **holds** `a.code`",
		"# a\n\n```yaml\n```\nkind: Pod\n\nand so on\n": "```yaml\n```\nkind: Pod\n\n> - ✅ **holds** `a.code`",
	} {
		g.Expect(notes.Annotate(notes.Parse(text), record)).To(ContainSubstring(want), text)
	}
}

func TestAnEmptyRowIsPartOfItsTable(t *testing.T) {
	g := NewWithT(t)
	pieces, _ := notes.Parse("a | b\n--|--\n1 | 2\n  |\n\nend\n").Pieces([]notes.Quote{{Text: "1 2"}})
	g.Expect(pieces[0].HTML).To(HaveSuffix("</table>\n"))
	g.Expect(pieces[1].HTML).To(Equal("<p>end</p>\n"))
}

func TestPiecesAreCompleteTogetherAndLoadNothing(t *testing.T) {
	g := NewWithT(t)
	text := studied + "\n![a picture](http://example.com/x.png) <img src=x onerror=alert(1)> [bad](javascript:alert(1)) \ue0001\ue001\n"
	quotes := []notes.Quote{
		{Text: "a nested one"}, {Text: "NodePort: on each node & outside"}, {Text: "ClusterIP inside"}, {Text: "gone"}, {Text: "kind: Service"},
	}
	pieces, lost := notes.Parse(text).Pieces(quotes)
	g.Expect(lost).To(Equal([]int{3}))
	var html strings.Builder
	var ends [][]int
	for _, p := range pieces {
		html.WriteString(p.HTML)
		ends = append(ends, p.Quotes)
	}
	g.Expect(ends).To(Equal([][]int{{0}, {1}, {4}, {2}, nil}))
	g.Expect(pieces[0].HTML).To(HaveSuffix("<p>a nested one</p>\n"))
	g.Expect(pieces[0].Apart).To(BeFalse())
	g.Expect(pieces[3].Apart).To(BeTrue())
	g.Expect(strings.Count(html.String(), "<li>")).To(Equal(strings.Count(html.String(), "</li>")))
	for _, no := range []string{"<img", "onerror", "javascript:", "\ue000", "<h1", "<h2"} {
		g.Expect(html.String()).NotTo(ContainSubstring(no))
	}
	g.Expect(html.String()).To(And(ContainSubstring("<h3>Services</h3>"), ContainSubstring("a picture")))
}

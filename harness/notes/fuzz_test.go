package notes_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/notes"
)

func FuzzNotes(f *testing.F) {
	f.Add("첫 줄\n둘째  줄\n", "둘째 줄", "", 0)
	f.Add("# Pods\n\n* a **Pod** has\n  an IP\n\n```yaml\nkind: Pod\n```\n\n| a | b |\n|---|---|\n| c | d |\n", "a Pod has an IP", "Pods", 1)
	f.Add("---\ntitle: x\n---\n# A\n\nb\u200bc “d”\r\n# B\n\nb\n", "bc \"d\"", "A", 2)
	f.Add("\xff\x00", " ", "\n", -1)
	f.Fuzz(func(t *testing.T, text, quote, under string, nth int) {
		n := notes.Parse(text)
		if got := strings.Join(n.Lines(), "\n"); strings.Count(got, "\n") > strings.Count(text, "\n") {
			t.Errorf("Parse(%q) has the lines %q", text, n.Lines())
		}
		first, last, err := n.Find(notes.Quote{Text: quote, At: claim.Place{Under: under, Nth: nth}})
		if err == nil && (first < 1 || first > last || last > len(n.Lines())) {
			t.Errorf("%q is on the lines %d to %d of %d", quote, first, last, len(n.Lines()))
		}
		if n.Valid() != nil {
			return
		}
		notes.Annotate(n, &evidence.Record{Claims: []*evidence.Claim{{ID: "a.b", Quote: quote, At: claim.Place{Under: under, Nth: nth}}}})
		for i, line := range n.Lines() { // a line that is there once is found there
			if strings.TrimFunc(line, func(r rune) bool { return !unicode.IsLetter(r) }) == "" || n.IsMarkdown() {
				continue
			}
			first, last, err := n.Find(notes.Quote{Text: line, At: claim.Place{Nth: 1}})
			if err != nil || first > i+1 || first > last {
				t.Errorf("line %d of %q is found on the lines %d to %d: %v", i+1, text, first, last, err)
			}
		}
	})
}

func FuzzIndent(f *testing.F) {
	f.Add("apiVersion: v1\nkind: Pod\nmetadata:\nname: x\nspec:\ncontainers:\n- name: a\nimage: b\n- name: c\n")
	f.Add("- a:\n- - b:\n:\n  \n-")
	f.Fuzz(func(t *testing.T, manifest string) {
		once := notes.Indent(manifest)
		if again := notes.Indent(once); again != once {
			t.Errorf("Indent(%q) = %q, and again %q", manifest, once, again)
		}
		if flat := func(text string) string { return strings.Join(strings.Fields(text), " ") }; flat(once) != flat(manifest) {
			t.Errorf("Indent(%q) = %q has other words", manifest, once)
		}
	})
}

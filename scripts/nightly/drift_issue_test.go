package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// fakeGH stands in for the gh command: the folder $ISSUES holds the open issue's number and body, and what was done.
const fakeGH = `#!/usr/bin/env bash
set -euo pipefail
case "$1 $2" in
"issue list") cat "$ISSUES/number" 2>/dev/null || true ;;
"issue view") cat "$ISSUES/body" ;;
"issue create") cat >"$ISSUES/body"; echo 7 >"$ISSUES/number"; echo created >>"$ISSUES/done" ;;
"issue edit") cat >"$ISSUES/body"; echo "edited $3" >>"$ISSUES/done" ;;
"issue comment") echo "commented $3: $5" >>"$ISSUES/done" ;;
"issue close") rm "$ISSUES/number"; echo "closed $3: $5" >>"$ISSUES/done" ;;
"label create") echo "label $3" >>"$ISSUES/done" ;;
*) echo "gh does not know: $*" >&2; exit 1 ;;
esac
`

// desk is where the script works in a test.
type desk struct {
	g   Gomega
	dir string
}

func newDesk(t *testing.T) desk {
	d := desk{NewWithT(t), t.TempDir()}
	d.g.Expect(os.WriteFile(filepath.Join(d.dir, "gh"), []byte(fakeGH), 0o755)).To(Succeed())
	t.Setenv("PATH", d.dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("ISSUES", d.dir)
	t.Setenv("RUN_URL", "https://example.com/run/1")
	return d
}

// night runs the script and returns what it did to issues, a line each.
func (d desk) night(drift, unsettled string) []string {
	write := func(name, text string) string {
		path := filepath.Join(d.dir, name)
		d.g.Expect(os.WriteFile(path, []byte(text), 0o644)).To(Succeed())
		return path
	}
	said, err := exec.Command("../drift-issue.sh", write("drift.md", drift), write("unsettled.txt", unsettled)).CombinedOutput()
	d.g.Expect(err).NotTo(HaveOccurred(), string(said))
	done, _ := os.ReadFile(filepath.Join(d.dir, "done"))
	_ = os.Remove(filepath.Join(d.dir, "done"))
	return strings.FieldsFunc(string(done), func(r rune) bool { return r == '\n' })
}

func (d desk) body() string {
	body, err := os.ReadFile(filepath.Join(d.dir, "body"))
	d.g.Expect(err).NotTo(HaveOccurred())
	return string(body)
}

// drift is what drifted, as noteproof report --drift prints it.
func drift(evidence string, claims ...string) string {
	body := "Other than expected.\n"
	for _, c := range claims {
		body += "\n## " + c + " on v1.37.2: expected holds, observed refuted\n\nevidence " + evidence + "\n"
	}
	return body
}

func TestDriftIssueFromOpenedToClosed(t *testing.T) {
	d := newDesk(t)
	d.g.Expect(d.night("", "")).To(BeEmpty(), "nothing drifts, and no issue is open")
	d.g.Expect(d.night("", "v1.37.2: no cluster\n")).To(BeEmpty())

	d.g.Expect(d.night(drift("of Monday", "pod.a"), "")).To(Equal([]string{"label drift", "created"}))
	d.g.Expect(d.body()).To(And(ContainSubstring("of Monday"), ContainSubstring("https://example.com/run/1")))

	d.g.Expect(d.night(drift("of Tuesday", "pod.a"), "")).To(Equal([]string{"edited 7"}), "the same drift is worth no comment")
	d.g.Expect(d.body()).To(ContainSubstring("of Tuesday"))

	d.g.Expect(d.night(drift("of Wednesday", "pod.a", "pod.b"), "v1.36.4: no cluster\n")).To(ConsistOf(
		"edited 7", "commented 7: The drift has changed; the description is from https://example.com/run/1."))

	d.g.Expect(d.night("", "v1.37.2: no cluster\n")).To(BeEmpty(), "what was not run is not fixed")
	d.g.Expect(d.night("", "")).To(Equal([]string{"closed 7: Nothing drifts on any version: https://example.com/run/1."}))
	d.g.Expect(d.night("", "")).To(BeEmpty())

	d.g.Expect(d.night(drift("of Friday", "pod.a"), "")).To(Equal([]string{"label drift", "created"}), "a new drift is a new issue")
}

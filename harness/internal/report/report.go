package report

import (
	"fmt"
	"slices"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/notes"
)

// Write writes verdicts.md, junit.xml, index.html and the annotated notes into dir, the folder of the record, and returns their
// paths. If lecture is nil, it omits the notes.
func Write(dir string, record *evidence.Record, lecture *notes.Notes) ([]string, error) {
	junit, err := JUnit(record)
	if err != nil {
		return nil, err
	}
	index, err := HTML([]*evidence.Record{record}, lecture)
	if err != nil {
		return nil, err
	}
	pages := []file{{"verdicts.md", []byte(Markdown(record))}, {"junit.xml", junit}, {"index.html", index}}
	if lecture != nil {
		pages = append(pages, file{lecture.File(), []byte(notes.Annotate(lecture, record))})
	}
	return writePages(dir, pages)
}

// tally counts the claims of a record.
type tally struct {
	verdicts map[claim.Verdict]int
	drifts   int
	flips    int // since the previous run
	turns    int // claims with an answer that turned round
}

func count(record *evidence.Record) tally {
	t := tally{verdicts: map[claim.Verdict]int{}}
	for _, c := range record.Claims {
		t.verdicts[c.Verdict]++
		if c.Drift {
			t.drifts++
		}
		if c.Flip != nil {
			t.flips++
		}
		if c.Turned() {
			t.turns++
		}
	}
	return t
}

// String returns the tally in one line: "5 claims: 2 holds, 1 in part, 1 refuted, 1 inconclusive; 1 drifted".
func (t tally) String() string {
	all := 0
	text := ""
	for _, v := range []struct {
		verdict claim.Verdict
		says    string
	}{
		{claim.Holds, "holds"}, {claim.InPart, "in part"}, {claim.Refuted, "refuted"},
		{claim.Inconclusive, "inconclusive"}, {claim.NotRun, "not run"},
	} {
		n := t.verdicts[v.verdict]
		all += n
		if n > 0 {
			text += fmt.Sprintf(", %d %s", n, v.says)
		}
	}
	line := fmt.Sprintf("%d claims", all)
	if all == 1 {
		line = "1 claim"
	}
	if text != "" {
		line += ": " + text[len(", "):]
	}
	if t.drifts > 0 {
		line += fmt.Sprintf("; %d drifted", t.drifts)
	} else {
		line += "; no drift"
	}
	if t.flips > 0 {
		line += fmt.Sprintf(", %d flipped", t.flips)
	}
	if t.turns > 0 {
		line += fmt.Sprintf(", %d turned round", t.turns)
	}
	return line
}

// failedFirst returns the claims in the record's order, but those that fail the run before the others.
func failedFirst(claims []*evidence.Claim) []*evidence.Claim {
	ordered := slices.Clone(claims)
	slices.SortStableFunc(ordered, func(a, b *evidence.Claim) int {
		switch {
		case a.Failed() == b.Failed():
			return 0
		case a.Failed():
			return -1
		default:
			return 1
		}
	})
	return ordered
}

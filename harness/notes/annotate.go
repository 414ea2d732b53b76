package notes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/untrusted"
)

// longest is how many characters the annotation gives to one piece of evidence.
const longest = 160

// Korean is the verdict in the language of the notes' readers.
func Korean(v claim.Verdict) string {
	switch v {
	case claim.Holds:
		return "맞음"
	case claim.InPart:
		return "일부만 맞음"
	case claim.Refuted:
		return "틀림"
	case claim.NotRun:
		return "실행하지 않음"
	default:
		return "판정 불가"
	}
}

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

// Annotate is the notes as they stand, as Markdown in Korean: after each sentence its verdict, the evidence in short
// and what can stand in its place. Lines that one quote spans stay together. A claim of the record whose quote is not
// in the notes is told at the end, so that nothing is lost.
func Annotate(n *Notes, record *evidence.Record) string {
	var b strings.Builder
	head(&b, record)

	after := map[int][]*evidence.Claim{}
	joined := make([]bool, len(n.lines)+2) // joined[i]: line i belongs with line i-1
	var lost []*evidence.Claim
	for _, c := range record.Claims {
		first, last, err := n.Find(c.Quote)
		if err != nil {
			lost = append(lost, c)
			continue
		}
		for i := first + 1; i <= last; i++ {
			joined[i] = true
		}
		after[last] = append(after[last], c)
	}
	for i := 0; i < len(n.lines); {
		end := i + 1
		for end < len(n.lines) && joined[end+1] {
			end++
		}
		var said []*evidence.Claim
		for line := i + 1; line <= end; line++ {
			said = append(said, after[line]...)
		}
		sentence(&b, n.lines[i:end], said)
		i = end
	}
	if len(lost) > 0 {
		b.WriteString("\n## 노트에서 찾지 못한 인용\n\n")
		for _, c := range lost {
			fmt.Fprintf(&b, "- %s\n", untrusted.Markdown(c.Quote))
			answer(&b, c)
		}
	}
	return b.String()
}

func head(b *strings.Builder, record *evidence.Record) {
	version := record.Version
	switch {
	case version == "" && record.Wanted == "":
		version = "(버전을 확인하지 못함)"
	case version == "":
		version = record.Wanted + " (클러스터 없음)"
	}
	fmt.Fprintf(b, "# 강의 노트 검증 결과: Kubernetes %s\n\n", untrusted.Markdown(version))
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
			counts = append(counts, fmt.Sprintf("%s %s %d개", mark(v), Korean(v), count[v]))
		}
	}
	fmt.Fprintf(b, "주장 %d개 가운데 %d개를 실제 클러스터에서 확인했습니다", len(record.Claims), len(record.Claims)-count[claim.NotRun])
	if len(counts) > 0 {
		fmt.Fprintf(b, ": %s", strings.Join(counts, ", "))
	}
	b.WriteString(".\n")
	if drifts > 0 {
		fmt.Fprintf(b, "\n⚠️ 예상과 다른 결과가 %d개 있습니다.\n", drifts)
	}
	if record.Partial {
		b.WriteString("\n⚠️ 일부 주장만 확인한 결과입니다.\n")
	}
	if record.Failure != "" {
		fmt.Fprintf(b, "\n⚠️ 실행이 중단되었습니다: %s\n", untrusted.Markdown(record.Failure))
	}
	b.WriteString("\n---\n\n")
}

// sentence writes lines of the notes that belong together, letter for letter, and what is to be said of them.
func sentence(b *strings.Builder, lines []string, said []*evidence.Claim) {
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
	for _, c := range said {
		answer(b, c)
	}
	if len(said) > 0 {
		b.WriteString("\n")
	}
}

// answer writes the verdict of one claim as a nested list.
func answer(b *strings.Builder, c *evidence.Claim) {
	fmt.Fprintf(b, "  - %s **%s** `%s`", mark(c.Verdict), Korean(c.Verdict), untrusted.Line(strings.ReplaceAll(c.ID, "`", "'")))
	if c.Drift {
		fmt.Fprintf(b, " ⚠️ 예상과 다름 (예상: %s)", Korean(c.Expected))
	}
	b.WriteString("\n")
	if c.Reason != "" {
		fmt.Fprintf(b, "    - 이유: %s\n", untrusted.Markdown(untrusted.Short(c.Reason, 2*longest)))
	}
	if c.Verdict != claim.NotRun {
		for _, p := range c.Points {
			fmt.Fprintf(b, "    - %s: %s", koreanTruth(p.Observed), untrusted.Markdown(p.Says))
			if e, ok := telling(p); ok {
				fmt.Fprintf(b, " (근거: %s)", untrusted.Markdown(untrusted.Short(e.Looked+" → "+e.Saw, longest)))
			}
			b.WriteString("\n")
		}
	}
	if (c.Verdict == claim.InPart || c.Verdict == claim.Refuted) && c.Correction.KO != "" {
		fmt.Fprintf(b, "    - **바로잡음:** %s\n", untrusted.Markdown(c.Correction.KO))
	}
}

// telling is the evidence that tells most: the last that says what the point was observed to be.
func telling(p evidence.Point) (evidence.Evidence, bool) {
	for _, e := range slices.Backward(p.Evidence) {
		if e.Truth == p.Observed {
			return e, true
		}
	}
	if len(p.Evidence) == 0 {
		return evidence.Evidence{}, false
	}
	return p.Evidence[len(p.Evidence)-1], true
}

func koreanTruth(o claim.Observed) string {
	switch o {
	case claim.SawTrue:
		return "참"
	case claim.SawFalse:
		return "거짓"
	default:
		return "확인하지 못함"
	}
}

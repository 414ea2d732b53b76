package notes

import (
	"cmp"
	"strings"
	"unicode"

	"github.com/noteproof/noteproof/harness/claim"
)

// Language is a language of notes and of their annotations.
type Language string

// The languages of annotations.
const (
	Korean  Language = "ko"
	English Language = "en" // for all notes that are not in Korean
)

// LanguageOf returns the language of a text: Korean if it contains Hangul, otherwise English.
func LanguageOf(text string) Language {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Hangul, r) && !invisible(r) }) {
		return Korean
	}
	return English
}

// Language returns the language of the notes.
func (n *Notes) Language() Language { return LanguageOf(n.typed.flat) }

// File returns the name of the file of the annotated notes.
func (n *Notes) File() string { return "notes." + string(n.Language()) + ".md" }

// Words are the texts of annotations in a language. Some are formats.
type Words struct {
	Language Language
	verdicts map[claim.Verdict]string
	truths   map[claim.Observed]string

	Notes       string // a link to the notes
	Heading     string // of the notes with their verdicts
	Hint        string // how to read them
	Lost        string // quotes that are not in the notes
	Rather      string // label of a correction
	Why         string
	Evidence    string
	SeeEvidence string
	Unexpected  string // format: the expected verdict
	ByVersion   string
	ByVariant   string
	ByRun       string
	Was         string // format: the version of the previous run, its verdict
	Turned      string // note on an answer that changed during the looks
	Note        string // label of a remark
	Docs        string // a link to a page of the Kubernetes documentation
	looks       string // format: a number, seconds
	Flipped     string // format: a version and its verdict, another version and its verdict
	title       string // format: the version
	unknown     string
	noCluster   string // format: the version
	checked     string // format: all claims, those that were run
	tally       string // format: a mark, a verdict, a number
	manyDrifted string // format: a number
	isPartial   string
	brokenOff   string // format: the reason
	textIn      func(claim.Text) string
}

// Verdict returns a verdict in the language. An unknown verdict counts as inconclusive.
func (w Words) Verdict(v claim.Verdict) string {
	if word, known := w.verdicts[v]; known {
		return word
	}
	return w.verdicts[claim.Inconclusive]
}

// Truth returns what was observed of a point, in the language.
func (w Words) Truth(o claim.Observed) string { return w.truths[o] }

// Text returns a text in the language, or in English if it is not available in that language.
func (w Words) Text(t claim.Text) string { return cmp.Or(w.textIn(t), t.EN) }

// Words returns the texts of annotations in the language.
func (l Language) Words() Words {
	if l == Korean {
		return korean()
	}
	return english()
}

func korean() Words {
	return Words{
		Language: Korean,
		verdicts: map[claim.Verdict]string{
			claim.Holds: "맞음", claim.InPart: "일부만 맞음", claim.Refuted: "틀림", claim.NotRun: "실행하지 않음", claim.Inconclusive: "판정 불가",
		},
		truths:  map[claim.Observed]string{claim.SawTrue: "참", claim.SawFalse: "거짓", claim.Nothing: "관찰하지 못함"},
		Notes:   "노트",
		Heading: "검증 결과를 붙인 노트",
		Hint:    "노트의 문장은 그대로 두고, 문장마다 실제 클러스터에서 확인한 결과를 덧붙였습니다. 판정을 누르면 근거를 볼 수 있습니다.",
		Lost:    "노트에서 찾지 못한 인용문",
		Rather:  "정정", Why: "이유", Evidence: "관찰한 값", SeeEvidence: "근거 보기",
		Unexpected: "예상과 다름(예상: %s)",
		ByVersion:  "버전에 따라 다름",
		ByVariant:  "클러스터 설정에 따라 다름",
		ByRun:      "이전 실행과 다름",
		Was:        "이전 실행과 다름(%s에서는 %s)",
		Flipped:    "관찰 결과가 바뀌었습니다: %s(%s) → %s(%s).",
		Turned:     "관찰하는 동안 결과가 바뀐 적이 있음",
		Note:       "참고", Docs: "Kubernetes 문서",
		looks:       "%.1[2]f초 동안 %[1]d번 관찰",
		title:       "노트 검증 결과: Kubernetes %s",
		unknown:     "(버전을 확인하지 못함)",
		noCluster:   "%s (클러스터 없음)",
		checked:     "주장 %d개 가운데 %d개를 실제 클러스터에서 확인했습니다",
		tally:       "%s %s %d개",
		manyDrifted: "결과가 예상과 다른 주장이 %d개 있습니다.",
		isPartial:   "실행이 끝나지 않았거나 일부 주장만 확인한 결과입니다.",
		brokenOff:   "실행이 실패했습니다: %s",
		textIn:      func(t claim.Text) string { return t.KO },
	}
}

func english() Words {
	return Words{
		Language: English,
		verdicts: map[claim.Verdict]string{
			claim.Holds: "holds", claim.InPart: "in part", claim.Refuted: "refuted", claim.NotRun: "not run", claim.Inconclusive: "inconclusive",
		},
		truths:  map[claim.Observed]string{claim.SawTrue: "true", claim.SawFalse: "false", claim.Nothing: "not observed"},
		Notes:   "Notes",
		Heading: "The notes with their verdicts",
		Hint:    "The notes are unchanged. Each sentence has its result from a real cluster. Select a verdict to see its evidence.",
		Lost:    "Quotes that are not in the notes",
		Rather:  "Rather", Why: "Why", Evidence: "What was seen", SeeEvidence: "see the evidence",
		Unexpected: "not as expected (expected: %s)",
		ByVersion:  "The answer depends on the version.",
		ByVariant:  "The answer depends on the configuration of the cluster.",
		ByRun:      "The answer changed since the previous run.",
		Was:        "not as in the previous run (on %s: %s)",
		Flipped:    "The answer changed from %s (%s) to %s (%s).",
		Turned:     "both answers were observed",
		Note:       "Note", Docs: "Kubernetes documentation",
		looks:       "%d looks in %.1f s",
		title:       "Verdicts on the notes: Kubernetes %s",
		unknown:     "(unknown version)",
		noCluster:   "%s (no cluster)",
		checked:     "Of %d claims, %d were tested on a real cluster",
		tally:       "%s %s: %d",
		manyDrifted: "Not as expected: %d.",
		isPartial:   "The run did not finish, or only some of the claims were tested.",
		brokenOff:   "The run failed: %s",
		textIn:      func(t claim.Text) string { return t.EN },
	}
}

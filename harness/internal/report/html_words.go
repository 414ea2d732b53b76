package report

import (
	"fmt"
	"html"
	"html/template"
	"regexp"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/notes"
)

// languages are the languages of a page. A page in both contains every text twice, and its style hides one of them.
type languages struct {
	Main notes.Language // with which the page opens
	Both bool
}

// languagesOf returns the languages of a page: that of the notes or else English, and both if a record has texts in Korean.
func languagesOf(lecture *notes.Notes, columns []*column) languages {
	t := languages{Main: notes.English}
	if lecture != nil {
		t.Main = lecture.Language()
	}
	for _, c := range columns {
		for _, c := range c.Claims {
			t.Both = t.Both || c.Correction.KO != "" || c.Remark.KO != ""
			for _, p := range c.Points {
				t.Both = t.Both || p.SaysKO != ""
			}
		}
	}
	t.Both = t.Both || t.Main == notes.Korean
	return t
}

// say returns a text of the page, given in English, in all languages of the page. Its arguments may be texts and verdicts, which
// are translated too. It returns an error if the text has no translation.
func (t languages) say(english string, args ...any) (template.HTML, error) {
	korean, ok := inKorean[english]
	if !ok {
		return "", fmt.Errorf("the text %q has no translation", english)
	}
	return t.both(claim.Text{KO: format(notes.Korean, korean, args), EN: format(notes.English, english, args)}), nil
}

func format(language notes.Language, text string, args []any) string {
	words := language.Words()
	in := make([]any, len(args))
	for i, arg := range args {
		switch a := arg.(type) {
		case claim.Verdict:
			in[i] = words.Verdict(a)
		case claim.Text:
			in[i] = words.Text(a)
		default:
			in[i] = a
		}
	}
	if len(in) == 0 {
		return text
	}
	return fmt.Sprintf(text, in...)
}

// both returns a text in all languages of the page.
func (t languages) both(text claim.Text) template.HTML {
	one := func(language notes.Language) string {
		return fmt.Sprintf(`<i lang=%s>%s</i>`, language, withCode(language.Words().Text(text)))
	}
	switch {
	case text.KO == "" && text.EN == "":
		return ""
	case text.KO == "" || text.EN == "": // whichever there is, in both
		return template.HTML(fmt.Sprintf(`<span lang="%s">%s</span>`, lang(text.KO+text.EN), withCode(text.KO+text.EN)))
	case !t.Both:
		return template.HTML(one(t.Main))
	default:
		return template.HTML(one(notes.Korean) + one(notes.English))
	}
}

// withCode returns a text as HTML, with the words between backticks as code.
func withCode(text string) string {
	return code.ReplaceAllString(html.EscapeString(text), "<code>$1</code>")
}

var code = regexp.MustCompile("`([^`]+)`")

func (t languages) verdict(v claim.Verdict) template.HTML {
	return t.both(claim.Text{KO: notes.Korean.Words().Verdict(v), EN: notes.English.Words().Verdict(v)})
}

func (t languages) truth(o claim.Observed) template.HTML {
	return t.both(claim.Text{KO: notes.Korean.Words().Truth(o), EN: notes.English.Words().Truth(o)})
}

// word returns a text of a record in all languages of the page, or as it is if it has no translation.
func (t languages) word(text any) (template.HTML, error) {
	english := fmt.Sprint(text)
	if _, ok := inKorean[english]; !ok {
		return template.HTML(html.EscapeString(english)), nil
	}
	return t.say(english)
}

// inKorean are the texts of the page.
var inKorean = map[string]string{
	"Skip to the report": "보고서로 건너뛰기",
	"Sections":           "목차",
	"Changes":            "바뀐 것",
	"Claims":             "주장",
	"Notes":              "노트",
	"Runs":               "실행",
	"Language":           "언어",
	"Colours":            "화면 테마",
	"Auto":               "자동",
	"Light":              "밝게",
	"Dark":               "어둡게",

	"Lecture notes, put to the test on real clusters":               "실제 클러스터에서 검증한 강의 노트",
	"%d claims on %d clusters. On the newest, %s:":                  "주장 %d개를 클러스터 %d개에서 확인했습니다. 가장 새로운 %s의 결과:",
	"%d claims, observed on %s.":                                    "주장 %d개를 %s에 확인했습니다.",
	"%d claims.":                                                    "주장 %d개.",
	"This record is partial.":                                       "일부만 실행한 기록입니다.",
	"There is no claim to show.":                                    "보여 줄 주장이 없습니다.",
	"every point was seen to be true":                               "모든 명제가 참으로 관찰됨",
	"some points true, others false":                                "일부 명제만 참으로 관찰됨",
	"every point was seen to be false":                              "모든 명제가 거짓으로 관찰됨",
	"not observed, so there is no answer":                           "관찰하지 못해 결과가 없음",
	"not run, for the given reason":                                 "실행하지 않음(이유는 따로 적음)",
	"What changed":                                                  "바뀐 것",
	"No drift. Every claim that ran was answered, and as expected.": "drift가 없습니다. 실행한 주장은 모두 예상대로 나왔습니다.",
	"Nothing failed, and no claim ran.":                             "실패한 것도, 실행한 주장도 없습니다.",
	"No answer differs between versions.":                           "버전에 따라 달라진 결과가 없습니다.",
	"Since %s":                                                      "%s부터",
	"Between %s and %s":                                             "%s에서 %s 사이에",
	"On %s, unlike %s":                                              "%s(비교 기준: %s)",
	"now true":                                                      "이제 참",
	"no longer true":                                                "이제 거짓",
	"before and after":                                              "바뀌기 전과 후",
	"Flips: results that changed":                                   "flip: 예상과 다르게 바뀌었거나 이전 실행과 달라진 결과",
	"since the previous run":                                        "이전 실행과 비교",
	"between clusters of one version":                               "같은 버전의 다른 클러스터와 비교",
	"between versions":                                              "버전 사이의 비교",
	string(evidence.Foreseen):                                       "예상한 변화",
	string(evidence.Away):                                           "예상과 달라짐",
	string(evidence.Back):                                           "다시 예상과 같아짐",
	"point":                                                         "명제",
	"the whole claim":                                               "주장 전체",
	"Evidence":                                                      "근거",
	"Evidence for %s":                                               "%s의 근거",
	"Evidence for %s of both runs":                                  "두 실행의 %s 근거",
	"Drift: results other than expected":                            "drift: 예상과 다른 결과",
	"expected":                                                      "예상",
	"observed":                                                      "관찰",
	"expected before":                                               "이전의 예상",
	"observed before":                                               "이전의 관찰",
	"Failed runs":                                                   "실패한 실행",
	"The run on %s":                                                 "%s의 실행",
	"Without an answer":                                             "결과를 얻지 못한 주장",
	"Answers that turned round":                                     "관찰하는 동안 바뀐 결과",
	"Looks at a point showed that it is true, and later that it is false. The evidence says how often and when.": "같은 명제를 관찰하는 동안 결과가 참에서 거짓으로 바뀌었습니다. 몇 번, 언제 그랬는지는 근거에 있습니다.",

	"Claims and versions": "주장과 버전",
	"Open a verdict to see what was judged, what was seen, and how the claim fared on other versions.": "판정을 누르면 무엇을 확인했고 무엇을 관찰했는지, 다른 버전에서는 어땠는지 볼 수 있습니다.",
	"Search":   "검색",
	"Compare":  "비교 기준",
	"with":     "비교 대상",
	"Filter":   "필터",
	"Topic":    "주제",
	"Verdict":  "판정",
	"Version":  "버전",
	"Show all": "모두 보기",
	"The verdict on each claim on each version, the newest version first": "주장별, 버전별 판정(최신 버전부터)",
	"Claim":                          "주장",
	"drift":                          "drift",
	"flip":                           "flip",
	"turned":                         "바뀜",
	"no run":                         "실행 없음",
	"not in this record":             "이 기록에 없음",
	"No claim matches.":              "조건에 해당하는 주장이 없습니다.",
	"not as expected (expected: %s)": "예상과 다름(예상: %s)",
	"both answers were observed":     "관찰하는 동안 결과가 바뀐 적이 있음",
	"The notes with their verdicts":  "검증 결과를 붙인 노트",
	"The notes are unchanged. Each sentence has its result from a real cluster. Select a verdict to see its evidence.": "노트의 문장은 그대로 두고, 문장마다 실제 클러스터에서 확인한 결과를 덧붙였습니다. 판정을 누르면 근거를 볼 수 있습니다.",
	"Quotes that are not in the notes": "노트에서 찾지 못한 인용문",
	"see the evidence":                 "근거 보기",
	"Rather":                           "정정",
	"Note":                             "참고",
	"Kubernetes documentation":         "Kubernetes 문서",
	"Why":                              "이유",
	"The answer changed since the previous run.":              "이전 실행과 다름",
	"The answer depends on the configuration of the cluster.": "클러스터 설정에 따라 다름",
	"The answer depends on the version.":                      "버전에 따라 다름",
	"%s (%s), before %s (%s)":                                 "%s에서 %s, 이전(%s)에는 %s",

	"Close":         "닫기",
	"Over versions": "버전별 판정",
	"Over runs":     "실행별 추이",
	"%d of %d runs in a row, since %s; %.0f to %.0f s": "%[2]d번 가운데 최근 %[1]d번 연속 같은 판정, %[3]s부터. %.0[4]f~%.0[5]f초",
	"What was judged":             "확인한 명제",
	"On each version":             "버전별 근거",
	"Drift.":                      "drift.",
	"Why.":                        "이유.",
	"Flip.":                       "flip.",
	"not run":                     "실행하지 않음",
	"not as expected":             "예상과 다름",
	"Not observed.":               "관찰하지 못함.",
	"No contrast:":                "대조 실험 없음:",
	"seen %d times in %s":         "%[2]s 동안 %[1]d번 관찰",
	"seen once":                   "한 번 관찰",
	string(passed):                "통과",
	string(failed):                "실패",
	string(fell):                  "명제와 함께 반대로 나옴",
	string(same):                  "실패: 같은 결과가 나옴",
	string(unseen):                "실패: 관찰하지 못함",
	string(untried):               "시도하지 않음",
	"witness":                     "확인 실험",
	"contrast":                    "대조 실험",
	"control":                     "대조 실험",
	"What was seen":               "관찰한 값",
	"What was seen before, on %s": "이전에 관찰한 값(%s)",
	"Witnesses show that the probe works; contrasts must come out the other way": "확인 실험은 관찰 방법이 제대로 동작함을, 대조 실험은 반대 상황에서 결과도 반대임을 보여 줍니다",
	"Control: where the answer must come out the other way":                      "대조 실험: 결과가 반대로 나와야 하는 곳",
	"Started at %s and took %s.":                                                 "%s에 시작해 %s 걸렸습니다.",
	"Reproduce":                                                                  "다시 실행하기",
	"Copy":                                                                       "복사",
	"Diagnosis":                                                                  "진단",

	"The run":  "실행",
	"The runs": "실행",
	"Which claims ran in parallel, how long they took, and on what machine. A bar is one claim: its dark parts are looks at the cluster, the rest is setup and cleanup.": "어떤 주장을 동시에 실행했고, 얼마나 걸렸으며, 어떤 머신에서 실행했는지 보여 줍니다. 막대 하나가 주장 하나이고, 짙은 부분은 클러스터를 관찰한 시간, 나머지는 준비와 정리입니다.",
	"partial":         "일부만 실행",
	"The run failed.": "실행이 실패했습니다.",
	"Timeline":        "타임라인",
	"%d claims in %s; one after another they would have taken %s. At most %d ran at once.": "주장 %d개에 %s 걸렸습니다. 하나씩 실행했다면 %s 걸렸을 것입니다. 동시에 최대 %d개를 실행했습니다.",
	"Longest:": "가장 오래 걸린 주장:",
	"The claims that ran, in the order in which they started": "실행한 주장, 시작한 순서대로",
	"when":                        "시각",
	"start":                       "시작",
	"took":                        "걸린 시간",
	"in parallel":                 "동시 실행",
	"Environment":                 "환경",
	"Started":                     "시작",
	"Finished":                    "끝",
	"Adaptations to this machine": "이 머신에 맞춰 다르게 한 것",
	"Made by noteproof from %d records; all times are UTC. This page loads nothing and sends nothing.": "noteproof가 기록 %d개로 만들었습니다. 시각은 모두 UTC입니다. 이 페이지는 아무것도 불러오거나 보내지 않습니다.",
}

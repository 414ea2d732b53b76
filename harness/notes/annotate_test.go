package notes_test

import (
	"strings"
	"testing"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/notes"
)

func TestAnnotate(t *testing.T) {
	n := notes.Parse("머리말\n- 메모리: 초과시 Pod 종료 시킴\n- 아무도 *답하지* 않는 줄\nkind: Pod\n-continaerPort: 8080\n- CPU: 낮춤\n- 노드\n")
	record := &evidence.Record{
		Version: "v1.37.2",
		Partial: true,
		Claims: []*evidence.Claim{
			{
				ID: "schedule.memory", Quote: "메모리: 초과시 Pod 종료 시킴", Verdict: claim.InPart, Expected: claim.InPart,
				Correction: claim.Text{KO: "컨테이너만 종료된다."},
				Remark:     claim.Remark{KO: "축출은 다르다.", Docs: "/docs/concepts/"},
				Points: []evidence.Point{
					{Says: "the container is killed", SaysKO: "컨테이너가 강제 종료된다", Observed: claim.SawTrue, Evidence: []evidence.Evidence{
						{Looked: "early", Saw: "Running", Truth: claim.SawFalse},
						{Looked: "containers", Saw: "OOMKilled\n137 | <b>", Truth: claim.SawTrue},
					}},
					{Says: "the Pod is ended", Observed: claim.SawFalse},
				},
			},
			{ID: "pod.manifest", Quote: "kind: Pod -continaerPort: 8080", Verdict: claim.Refuted, Expected: claim.Holds, Drift: true, Reason: "the Pod was refused"},
			{ID: "schedule.cpu", Quote: "CPU: 낮춤", Verdict: claim.Inconclusive, Expected: claim.Refuted, Reason: "no cgroup", Correction: claim.Text{KO: "판정이 없으면 바로잡지 않는다."}},
			{ID: "pod.node", Quote: "노드", Verdict: claim.NotRun, Reason: "one worker", Points: []evidence.Point{{Says: "unseen"}}},
			{ID: "pod.lost", Quote: "지워진 문장", Verdict: claim.Holds},
		},
	}
	want := strings.TrimPrefix(`
# 노트 검증 결과: Kubernetes v1.37.2

주장 5개 가운데 4개를 실제 클러스터에서 확인했습니다: ✅ 맞음 1개, 🔶 일부만 맞음 1개, ❌ 틀림 1개, ❔ 판정 불가 1개, ⏭️ 실행하지 않음 1개.

⚠️ 결과가 예상과 다른 주장이 1개 있습니다.

⚠️ 실행이 끝나지 않았거나 일부 주장만 확인한 결과입니다.

---


머리말

- 메모리: 초과시 Pod 종료 시킴
  - 🔶 **일부만 맞음** 'schedule.memory'
    - 참: 컨테이너가 강제 종료된다
    - 거짓: the Pod is ended
    - **정정:** 컨테이너만 종료된다.
    - **참고:** 축출은 다르다. ([Kubernetes 문서](https://kubernetes.io/docs/concepts/))
    - <details><summary>관찰한 값</summary>

      - containers → OOMKilled 137 \| &lt;b&gt;

      </details>

- 아무도 \*답하지\* 않는 줄

'''text
kind: Pod
-continaerPort: 8080
'''

  - ❌ **틀림** 'pod.manifest' ⚠️ 예상과 다름(예상: 맞음)
    - 이유: the Pod was refused

- CPU: 낮춤
  - ❔ **판정 불가** 'schedule.cpu'
    - 이유: no cgroup

- 노드
  - ⏭️ **실행하지 않음** 'pod.node'
    - 이유: one worker


## 노트에서 찾지 못한 인용문

- 지워진 문장
  - ✅ **맞음** 'pod.lost'
`, "\n")
	want = strings.ReplaceAll(want, "'", "`")
	if got := notes.Annotate(n, record); got != want {
		t.Errorf("the annotated notes differ; got\n%s\nwant\n%s", got, want)
	}
}

func TestAnnotateReportsWhatChangedSinceTheRunBefore(t *testing.T) {
	record := &evidence.Record{Claims: []*evidence.Claim{{
		ID: "pod.x", Quote: "노드", Verdict: claim.Refuted, Flip: &evidence.Flip{Version: "v1.36.4", Verdict: claim.Holds},
	}}}
	if got := notes.Annotate(notes.Parse("노드\n"), record); !strings.Contains(got, "⚠️ 이전 실행과 다름(v1.36.4에서는 맞음)") {
		t.Errorf("the flip is not reported:\n%s", got)
	}
}

func TestAnnotateKeepsEveryLineOfTheLecture(t *testing.T) {
	n := lecture(t)
	record := &evidence.Record{}
	for _, q := range quotes() {
		record.Claims = append(record.Claims, &evidence.Claim{ID: q.id, Quote: q.quote, Verdict: claim.Holds})
	}
	plain := strings.NewReplacer(`\`, "", "&gt;", ">").Replace(notes.Annotate(n, record))
	rest := plain
	for i, line := range n.Lines() {
		at := strings.Index(rest, strings.TrimSpace(strings.TrimPrefix(line, "- ")))
		if at < 0 {
			t.Fatalf("line %d is not in the annotated notes, or not in its place: %q", i+1, line)
		}
		rest = rest[at:]
	}
	for _, q := range quotes() {
		if strings.Count(plain, "`"+q.id+"`") != 1 {
			t.Errorf("%s is not in the annotated notes exactly once", q.id)
		}
	}
}

func TestAnnotateReportsLooksAndTurns(t *testing.T) {
	at := func(second int64) *evidence.Outcome {
		return &evidence.Outcome{Count: 1, First: evidence.Sight{At: time.Unix(second, 0)}}
	}
	record := &evidence.Record{Version: "v1.37.2", Claims: []*evidence.Claim{{
		ID: "pod.localhost", Quote: "a sentence", Verdict: claim.Inconclusive, Expected: claim.Holds,
		Points: []evidence.Point{
			{Says: "it answers", Observed: claim.SawTrue, Evidence: []evidence.Evidence{
				{Looked: "localhost", Saw: "200", Truth: claim.SawTrue, Seconds: 2.5, Looks: &evidence.Looks{Count: 3, True: at(1), False: at(2)}},
				{Looked: "beside", Saw: "what only supports it", Supporting: true, Looks: &evidence.Looks{Count: 1}},
			}},
			{Says: "it lasts", Unproven: "the cluster | was not whole", Evidence: []evidence.Evidence{
				{Looked: "the Pod", Saw: "Running", Looks: &evidence.Looks{Count: 1}},
				{Looked: "beside", Saw: "what only supports it", Supporting: true},
			}},
		},
	}}}
	got := notes.Annotate(notes.Parse("a sentence\n"), record)
	for _, want := range []string{
		"`pod.localhost` ⇄ both answers were observed\n",
		"- true: it answers (3 looks in 2.5 s) ⇄\n", "- localhost → 200\n", "- the Pod → Running\n",
		"- not observed: it lasts – Why: the cluster \\| was not whole\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the notes lack %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "only supports") {
		t.Errorf("what decides nothing is shown as the evidence:\n%s", got)
	}
	if got := notes.Annotate(notes.Parse("문장 a sentence\n"), record); !strings.Contains(got, "⇄ 관찰하는 동안 결과가 바뀐 적이 있음\n") || !strings.Contains(got, "(2.5초 동안 3번 관찰)") {
		t.Errorf("it is not said in Korean:\n%s", got)
	}
}

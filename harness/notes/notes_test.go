package notes_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/notes"
)

// lecture returns real notes, with typing errors.
func lecture(t *testing.T) *notes.Notes {
	t.Helper()
	text, err := os.ReadFile("testdata/lecture.ko.txt")
	if err != nil {
		t.Fatal(err)
	}
	return notes.Parse(string(text))
}

const typedManifest = `apiVersion: v1
kind: Pod
metadata:
name: pod-1
sepc:
containers:
- name: container1
image: tmkube/p8000
ports:
- continaerPort: 8000
- name: container2
image: tmkube/p8000
ports:
-continaerPort: 8080`

// quotes returns the claims' quotes of the lecture and their lines.
func quotes() []struct {
	id, quote   string
	first, last int
} {
	return []struct {
		id, quote   string
		first, last int
	}{
		{"pod.contains-containers", `컨테이너 안에 Pod이 있다`, 2, 2},
		{"pod.containers-and-ports", `한 컨테이너에서 여러 Pod를 가질 수 있지만 동일한 Pod 내에서 컨테이너는 Port가 동일 할 수 없다.`, 3, 3},
		{"pod.localhost", `동일한 Pod에서는 Container1 -> Container2로 접근할 때 localhost:8080으로 접근 가능`, 4, 4},
		{"pod.ip-inside-only", `Pod가 생성될때 고유한 아이피가 할당된다. 쿠버네티스 클러스 안에서만 해당 아이피로 접근 가능`, 5, 5},
		{"pod.replaced-with-new-ip", `Pod의 문제가 있다면 시스템에서 이것을 감지하고 Pod를 삭제하고 다시 만듬, 이때 아이피가 재할당된다.`, 6, 6},
		{"pod.node-lost", `Pod의 문제가 있다면 시스템에서 이것을 감지하고 Pod를 삭제하고 다시 만듬`, 6, 6},
		{"pod.two-port-manifest", typedManifest, 7, 20},
		{"label.any-object", `라벨은 Pod 뿐만 아니라 Object도 사용 가능, 대부분 Pod에사용`, 21, 21},
		{"label.group-and-connect", `라벨은 목적에 따라 Object를 분류하고, 그 오브젝트를 따로 연결하기 위함`, 22, 22},
		{"label.key-value", `라벨은 key, value가 한 쌍`, 23, 23},
		{"label.select-dev", `개발 환경만 보고 싶은 경우 type: dev 확인 가능`, 26, 26},
		{"label.select-production", `운영 환경만 접속하고 싶은 경우 type: production 접속 가능`, 27, 27},
		{"schedule.pick-node", `직접선택: Pod를 만들때 node를 지정할 수 있다.`, 28, 28},
		{"schedule.by-resources", `스캐줄러가 판단: Pod를 만들 때 리소스의 사용량을 지정할 수 있다. 2기가 메모리를 지정, 최대 메모리 3기가 지정`, 29, 29},
		{"schedule.memory-over-limit", `메모리: 초과시 Pod 종료 시킴`, 30, 30},
		{"schedule.cpu-over-limit", `CPU: 초과시 request로 낮춤 over시 종료되지 않음`, 31, 31},
		{"service.outlives-pods", `Pod는 시스템 장애, 성능 장애 등 언제든지 Pod는 죽을 수 있다. 그리고 Pod는 IP는 재생성시 변경된다. Service는 사용자가 직접 지우지 않는한 제거되지 않는다. 그래서 서비스를 사용한다.`, 32, 32},
		{"service.types-differ", `Service 종류에 따라서 Pod에 접근하는 방식이 다르다.`, 33, 33},
		{"service.port-target-port", `Service port 9000 으로 접근하는 경우 tartgetPort 8080, 즉 Pod 8080으로 접근한다는 내용이다.`, 34, 34},
		{"service.cluster-ip-for-insiders", `인가된 사용자 (운영자), 내부 대쉬보드, Pod의 서비스상태 디버깅 용으로 사용한다.`, 35, 35},
		{"service.node-port-every-node", `Cluster에 연결된 모든 Node에서 동일한 Port가 할당되서 어느 아이피의 Port로 연결하든 서비스에 연결이 된다.`, 36, 36},
		{"service.any-node-any-pod", `service 어떤 노드에서 온 트래픽에 상관 없이 자신에게 달려 있는 Pod에게 트래픽을 전달한다.`, 37, 37},
		{"service.local-policy", `externalTrafficPlicy: Local`, 38, 38},
		{"service.node-port-range", `내부망 연결, 데모나 임시 연결용`, 40, 40},
		{"service.load-balancer-is-node-port", `Node Port와 동일한 성격`, 41, 41},
		{"service.load-balancer-spreads", `Load Balancer에서 각가의 Node에 트래픽을 분산 시켜주는 역할을 한다.`, 42, 42},
		{"service.load-balancer-needs-plugin", `Load Balancer의 외부 접속 IP는 기본적으로 생기지 않는다. 별도의 외부 접속 IP를 할당하는 플러그인이 설치되어야지 외부 접속 IP 할당이 가능하다.`, 43, 43},
		{"service.load-balancer-outside", `외부 시스템 노출용`, 44, 44},
		{"volume.shared-in-pod", `컨테이너 끼리 데이터를 공유하기 위해서 Volume을 사용 하는 경우`, 45, 45},
		{"volume.empty-dir-starts-empty", `최초 Volume 생성되는 경우 Volume은 Empty이기 때문에 Empty Dir`, 46, 46},
		{"volume.empty-dir-like-local", `Container1, Container2 서로 마운트가되 있는 Volume에 저장 한다. 즉 자신의 로컬에 저장되 어있는 것 처럼 사용한다.`, 47, 47},
		{"volume.empty-dir-lost", `동일한 Pod에 저장되기 때문에 Pod가 재생성되면 데이터가 제거된다. 즉 일시적인 데이터들만 저장 해야한다.`, 48, 48},
		{"volume.host-path-survives", `각각의 path를 각각의 volume으로 사용하는 것, 즉 각각의 Pod들이 마운트해서 공유하기 때문에 Pod들이 죽어도 Volume은 사라지지 않는다.`, 49, 49},
		{"volume.host-path-other-node", `Pod 입장에서는 Pod2가 만약 죽으면 반드시 해당 노드에 재생성되는 보장이 없기 때문에 스케줄러에서 다른 Node2에서 생성되는 경우 문제가 발생할수 있다. 또 Node1 -> Node2으로 Pod가 이동될 수도 있다.`, 50, 50},
		{"volume.claim-indirection", `Pod 에서 PSV를 거쳐서 PV를 접속하는 이유 *`, 51, 51},
		{"dashboard.token-secret", `kubectl -n kubernetes-dashboard describe secret $(kubectl -n kubernetes-dashboard get secret | grep admin-user | awk '{print $1}')`, 52, 52},
	}
}

func TestFindsEveryQuoteOfTheLecture(t *testing.T) {
	n := lecture(t)
	for _, q := range quotes() {
		t.Run(q.id, func(t *testing.T) {
			first, last, err := n.Find(notes.Quote{Text: q.quote})
			if err != nil {
				t.Fatal(err)
			}
			if first != q.first || last != q.last {
				t.Errorf("found on lines %d to %d, want %d to %d", first, last, q.first, q.last)
			}
		})
	}
}

func TestFind(t *testing.T) {
	n := notes.Parse("- one  two\n\n\tthree four\n- five six\r\nseven\n- one two again\nimage: a\nports:\nimage: a\n")
	for name, c := range map[string]struct {
		quote       string
		first, last int
		says        []string // parts of the expected error; empty for none
	}{
		"part of a line":                    {quote: "four", first: 3, last: 3},
		"spaces are compared as one":        {quote: "  three \t four ", first: 3, last: 3},
		"across lines":                      {quote: "five six seven", first: 4, last: 5},
		"across an empty line":              {quote: "two\nthree", first: 1, last: 3},
		"the last line":                     {quote: "ports:\nimage: a", first: 8, last: 9},
		"a letter occurs everywhere":        {quote: "e", says: []string{"times, on line"}},
		"a typo names the line and place":   {quote: "three fuor", says: []string{"not in the notes", "line 3", `"three four"`, `after "three f"`}},
		"a typo across lines names both":    {quote: "five six\nsevne", says: []string{"lines 4 to 5"}},
		"a quote like nothing":              {quote: "쿠버", says: []string{"no line is similar"}},
		"an empty quote":                    {quote: " \n", says: []string{"empty quote"}},
		"at two places, both are named":     {quote: "one two", says: []string{"times, on line", "line 1", "line 6", "quote more words"}},
		"longer than the notes":             {quote: strings.Repeat("image: a\n", 20), says: []string{"lines 1 to 9"}},
		"a quote at two places, made exact": {quote: "one two again", first: 6, last: 6},
	} {
		t.Run(name, func(t *testing.T) {
			first, last, err := n.Find(notes.Quote{Text: c.quote})
			if len(c.says) == 0 && (err != nil || first != c.first || last != c.last) {
				t.Fatalf("Find(%q) = %d, %d, %v; want %d, %d", c.quote, first, last, err, c.first, c.last)
			}
			if len(c.says) > 0 && err == nil {
				t.Fatalf("Find(%q) = %d, %d; want an error", c.quote, first, last)
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error %q does not say %q", err, part)
				}
			}
		})
	}
}

func TestAQuoteMayOccurTwiceOnOneLine(t *testing.T) {
	n := notes.Parse("a Pod is a Pod")
	if first, last, err := n.Find(notes.Quote{Text: "Pod"}); first != 1 || last != 1 || err != nil {
		t.Errorf("Find = %d, %d, %v; want line 1", first, last, err)
	}
}

func TestAQuoteWithACorrectedTypoIsNotFound(t *testing.T) {
	_, _, err := lecture(t).Find(notes.Quote{Text: "externalTrafficPolicy: Local"})
	if err == nil {
		t.Fatal("the notes say externalTrafficPlicy; the corrected word was found in them")
	}
	for _, part := range []string{"line 38", "externalTrafficPlicy: Local", `after "externalTrafficP"`} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error %q does not say %q", err, part)
		}
	}
}

func TestAccountOfTheLecture(t *testing.T) {
	n := lecture(t)
	var claims []claim.Claim
	for _, q := range quotes() {
		claims = append(claims, claim.Claim{ID: q.id, Quote: q.quote})
	}
	not := []notes.NotAClaim{
		{Quote: "쿠버네티스 강의를 보고 정리한 자료입니다.", Why: "it says where the notes come from"},
		{Quote: "- type:web, lo: dev, type:db, lo: dev, type:server, lo: dev\n- type:web, lo: production, type:db, lo: production, type:server, lo: production", Why: "a table of labels"},
		{Quote: "을 지정하면 특정 노드 포트에 아이피로 접근하는 Pod에 연결해준다.", Why: "the second half of a sentence"},
		{Quote: "token 정보 가져오기", Why: "not this week", Untested: true},
	}
	account, err := n.Account(claims, not)
	if err != nil {
		t.Fatal(err)
	}
	if left := account.Unanswered(); len(left) > 0 {
		t.Errorf("not covered: %v", left)
	}
	byNumber := map[int]notes.Line{}
	for _, l := range account {
		byNumber[l.Number] = l
	}
	if got, want := byNumber[6].Claims, []string{"pod.replaced-with-new-ip", "pod.node-lost"}; !slices.Equal(got, want) {
		t.Errorf("line 6 is answered by %v, want %v", got, want)
	}
	for number := 7; number <= 19; number++ {
		if got, want := byNumber[number].Claims, []string{"pod.two-port-manifest"}; !slices.Equal(got, want) {
			t.Errorf("line %d is answered by %v, want %v", number, got, want)
		}
	}
	if got := byNumber[24].Why; got != "a table of labels" {
		t.Errorf("line 24 is no claim because %q", got)
	}

	without, err := n.Account(claims[1:], not[1:])
	if err != nil {
		t.Fatal(err)
	}
	left := without.Unanswered()
	if len(left) != 2 || left[0].Number != 1 || left[1].Number != 2 {
		t.Errorf("without the first claim and the first reason, what is not covered is %v; want lines 1 and 2", left)
	}
	if text := without.String(); strings.Count(text, "NOT COVERED") != 2 || !strings.Contains(text, "→ pod.localhost") || !strings.Contains(text, "not a claim: a table of labels") ||
		!strings.Contains(text, "not tested yet: not this week") {
		t.Errorf("the account does not show what covers the lines:\n%s", text)
	}
}

func TestCheckReportsAllErrors(t *testing.T) {
	n := notes.Parse("alpha beta\ngamma delta\n\nepsilon\n")
	err := n.Check(
		[]claim.Claim{{ID: "a.first", Quote: "alpha beta"}, {ID: "a.second", Quote: "gamma dleta"}},
		[]notes.NotAClaim{{Quote: "epsilon"}},
	)
	if err == nil {
		t.Fatal("no error was found")
	}
	for _, part := range []string{"claim a.second", "line 2", "without a reason", `line 2 of the notes is not covered`, `line 4 of the notes is not covered`} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q:\n%v", part, err)
		}
	}
	if err := n.Check([]claim.Claim{{ID: "a.all", Quote: "alpha beta gamma delta epsilon"}}, nil); err != nil {
		t.Errorf("a claim that quotes all of the notes causes an error: %v", err)
	}
}

func TestFindIgnoresInvisibleCharacters(t *testing.T) {
	decomposed := norm.NFD.String("파드는 고유한")
	for name, c := range map[string]struct{ notes, quote string }{
		"no-break spaces":        {"a\u00a0Pod has\u3000an IP", "a Pod has an IP"},
		"zero-width space":       {"a Service\u200b selects Pods", "a Service selects Pods"},
		"soft hyphen":            {"a Deploy\u00adment", "a Deployment"},
		"word joiner":            {"kube\u2060proxy", "kubeproxy"},
		"byte-order mark":        {"\ufeffa node", "a node"},
		"typographic quotes":     {"the “key” and its ‘value’", `the "key" and its 'value'`},
		"decomposed in notes":    {decomposed + " IP", "파드는 고유한 IP"},
		"decomposed in quote":    {"파드는 고유한 IP", decomposed + " IP"},
		"line ends of old files": {"one\rtwo\r\nthree", "two three"},
		"invisible in the quote": {"a Pod", "a\u200b Pod"},
	} {
		if _, _, err := notes.Parse(c.notes).Find(notes.Quote{Text: c.quote}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if lines := notes.Parse("\ufeffa node\rb").Lines(); !slices.Equal(lines, []string{"a node", "b"}) {
		t.Errorf("the lines are %q", lines)
	}
}

func TestValidNamesThePlaceOfInvalidText(t *testing.T) {
	for text, place := range map[string]string{
		"all is well\n파드\ufffd": "",
		"fine\n파드 \xb0\xa1":     "line 2, column 4",
		"\xff\xfea\x00":         "line 1, column 1",
		"a\x00b\x00":            "line 1, column 2",
	} {
		err := notes.Parse(text).Valid()
		if place == "" && err != nil || place != "" && (err == nil || !strings.Contains(err.Error(), place)) {
			t.Errorf("%q: %v, want %q", text, err, place)
		}
	}
}

func TestAWholeLineIsFoundBeforeAPartOfOne(t *testing.T) {
	n := notes.Parse("A Pod has an IP\nmetadata:\n  name: a\nA Pod has an IP of its own\nmetadata:\n  name: b\nits metadata: labels\n")
	if first, last, err := n.Find(notes.Quote{Text: "A Pod has an IP"}); err != nil || first != 1 || last != 1 {
		t.Errorf("the whole line is found on lines %d to %d: %v", first, last, err)
	}
	if first, last, err := n.Find(notes.Quote{Text: "metadata: name: b"}); err != nil || first != 5 || last != 6 {
		t.Errorf("whole lines are found on lines %d to %d: %v", first, last, err)
	}
	if _, _, err := n.Find(notes.Quote{Text: "metadata:"}); err == nil || !strings.Contains(err.Error(), "2 times, on line 2 and on line 5") {
		t.Errorf("a line that occurs twice: %v", err)
	}
	if _, _, err := n.Find(notes.Quote{Text: "has an"}); err == nil || !strings.Contains(err.Error(), "2 times") {
		t.Errorf("a part of two lines: %v", err)
	}
	if err := n.Check([]claim.Claim{{ID: "pod.ip", Quote: "A Pod has an IP"}, {ID: "pod.own", Quote: "of its own"}, {ID: "label.meta", Quote: "its metadata: labels"}}, []notes.NotAClaim{
		{Quote: "metadata:", Why: "YAML"}, {Quote: "name: a", Why: "YAML"}, {Quote: "name: b", Why: "YAML"},
	}); err != nil {
		t.Errorf("every line is covered, but the error is %v", err)
	}
	if err := n.Check(nil, []notes.NotAClaim{{Quote: "has an IP", Why: "a part of two lines"}}); err == nil || !strings.Contains(err.Error(), "2 times") {
		t.Errorf("a part of two lines was accepted as NotAClaim: %v", err)
	}
}

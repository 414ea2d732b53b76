package scenarios

import (
	"strings"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/notes"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	createsAsTyped = claim.P("the manifest creates a Pod as typed", claim.False).KO("적힌 그대로의 매니페스트로 Pod가 만들어진다")
	fixedListens   = claim.P("with its slips corrected it gives one Pod listening on 8000 and 8080", claim.True).KO("오타를 고치면 8000과 8080에서 수신하는 Pod 하나가 된다")
	flatCreates    = claim.P("with its slips corrected it creates a Pod without indentation, too", claim.False).
			KO("오타만 고치면 들여쓰기가 없어도 Pod가 만들어진다")
	sameImageTwice = claim.P("naming the same port-8000 image twice gives two working containers", claim.False).KO("8000번에서 수신하는 이미지를 두 번 써도 두 컨테이너가 모두 동작한다")
)

// With strict field validation the API server names each unknown field (Kubernetes API concepts, "Field validation"; in v1.25
// and later). Older versions drop such a field, and refuse what remains: a Pod without a spec.
var podTwoPortManifest = suite.Scenario{
	ID: "pod.two-port-manifest", Points: []*claim.Point{createsAsTyped, flatCreates, fixedListens, sameImageTwice},
	Quote: "apiVersion: v1 kind: Pod metadata: name: pod-1 sepc: containers: - name: container1 image: tmkube/p8000 ports: " +
		"- continaerPort: 8000 - name: container2 image: tmkube/p8000 ports: -continaerPort: 8080",
	Correction: claim.Text{
		KO: "들여쓰기를 넣고, `sepc`는 `spec`으로, `continaerPort`는 `containerPort`로, `-continaerPort`는 `- containerPort`로 고쳐야 API 서버가 받아들인다. `containerPort`는 선언일 뿐이다. 8000번 포트를 여는 이미지를 두 번 쓰면 한 컨테이너는 포트를 열지 못하고 죽으므로, container2에는 8080번 포트를 여는 프로그램을 써야 한다.",
		EN: "The API server accepts it only indented, and with `sepc` corrected to `spec`, `continaerPort` to `containerPort` and `-continaerPort` to `- containerPort`. A containerPort only declares: of the image that listens on 8000 named twice, one container cannot bind its port and dies, so container2 needs a program that listens on 8080.",
	},
	Remark: claim.Remark{
		KO:   "YAML은 들여쓰기에 따라 뜻이 달라진다. `kubectl apply --dry-run=server`로 먼저 확인하면 존재하지 않는 필드와 중복된 필드를 저장하지 않고도 찾을 수 있다.",
		EN:   "In YAML indentation is meaning. `kubectl apply --dry-run=server` finds unknown and duplicate fields without storing anything.",
		Docs: "/docs/reference/using-api/api-concepts/",
	},
	Body: func(s *scenario.S) {
		typed, submitted := notes.Indent(s.Quoted()), s.Pods("!app")
		slips := [][2]string{{"sepc", "spec"}, {"- continaer", "- container"}, {"-continaer", "- container"}}
		fixed := func(text, but string) string { // all errors are fixed except this one
			text = strings.ReplaceAll(text, "tmkube/p8000", s.Image())
			for _, slip := range slips {
				if slip[0] != but {
					text = strings.ReplaceAll(text, slip[0], slip[1])
				}
			}
			return text
		}
		corrected, twice := s.Ready("app=corrected"), s.Pods("app=twice")
		s.Eventually(twice).Should(ConsistOf(HaveStarted()))

		creates := s.Witness("the API server created other Pods of this client").Expect(s.Pods("app")).Should(HaveLen(2))
		accepts := s.Contrast("the API server accepts the same text with its slips fixed, and creates the Pod")
		s.Point(createsAsTyped, creates, accepts).Expect(s.Submit(typed)).Decides(BeAccepted(), BeInvalid())
		for _, slip := range slips { // each alone makes the manifest invalid
			s.Supporting(createsAsTyped).Expect(s.Submit(fixed(typed, slip[0]))).Should(BeInvalid())
		}
		s.Point(flatCreates, creates, accepts).Expect(s.Submit(fixed(s.Quoted(), ""))).Decides(BeAccepted(), BeInvalid())
		s.Supporting(createsAsTyped).Expect(submitted).Should(BeEmpty())
		accepts.Expect(s.Submit(fixed(typed, ""))).Should(BeAccepted()).Expect(submitted).Should(HaveLen(1))

		first, second, pod := corrected.In("container1"), corrected.In("container2"), s.List(corrected)[0]
		serves := s.Witness("each container reaches its own server").
			Eventually(first.HTTP("http://localhost:8000/hostname")).Should(BeAnsweredWith("corrected")).
			Eventually(second.HTTP("http://localhost:8080/hostname")).Should(BeAnsweredWith("corrected"))
		refused := s.Contrast("a port of the Pod's IP on which nothing listens is refused").
			Eventually(first.HTTP(scenario.PodURL(pod, 8001))).Should(BeRefused())
		for _, port := range []int32{8000, 8080} { // from inside the Pod, without the cluster's network
			s.Point(fixedListens, serves, refused).Eventually(first.HTTP(scenario.PodURL(pod, port)+"/hostname")).
				Decides(BeAnsweredWith("corrected"), Lasting(BeUnreached()))
		}

		apart := s.Contrast("two programs on two ports both work").Expect(corrected).Should(ConsistOf(HaveNeverEnded()))
		s.Point(sameImageTwice, serves, apart).Eventually(twice).
			Decides(Lasting(ConsistOf(HaveNeverEnded())), ConsistOf(HaveOneFailed("address already in use")))
	},
	Sabotage: suite.Sabotage{
		Replace: "args: [netexec, --http-port=8080, --udp-port=-1]",
		By: "securityContext: {privileged: true}, command: [unshare, --net, sh, -c, " +
			"ip link set lo up; exec /agnhost netexec --http-port=8080 --udp-port=-1]",
		Point: fixedListens,
	},
}

package scenarios

import (
	"strings"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/notes"
	"github.com/noteproof/noteproof/harness/scenario"
)

// Under strict field validation the API server names each field that it does not know (Kubernetes API concepts, "Field
// validation"; in v1.25 and later). Before, it drops such a field, and refuses what is left: a Pod without a spec.
var podTwoPortManifest = scenario.Scenario{
	Claim: claim.Claim{
		ID: "pod.two-port-manifest",
		Quote: "apiVersion: v1 kind: Pod metadata: name: pod-1 sepc: containers: - name: container1 image: tmkube/p8000 ports: " +
			"- continaerPort: 8000 - name: container2 image: tmkube/p8000 ports: -continaerPort: 8080",
		Points: []claim.Point{
			{Says: "the manifest creates a Pod as typed", Expect: claim.False},
			{Says: "with its slips mended it gives one Pod listening on 8000 and 8080", Expect: claim.True},
			{Says: "naming the same port-8000 image twice gives two working containers", Expect: claim.False},
		},
		Correction: claim.Text{
			KO: "`sepc`는 `spec`, `continaerPort`는 `containerPort`, `-continaerPort`는 `- containerPort`로 고쳐야 API 서버가 받아들인다. containerPort는 선언일 뿐이므로 8000에서 수신하는 이미지를 두 번 쓰면 둘째 컨테이너가 같은 Port를 얻지 못해 죽고, 8080에서 수신하는 다른 프로그램을 써야 한다.",
			EN: "The API server takes it only with `sepc` mended to `spec`, `continaerPort` to `containerPort` and `-continaerPort` to `- containerPort`. A containerPort only declares: of the image that listens on 8000 named twice, one container cannot bind its port and dies, so container2 needs a program that listens on 8080.",
		},
	},
	Body: func(s *scenario.S) {
		typed, submitted := notes.Indent(s.Quoted()), s.Pods("!app")
		mend := strings.NewReplacer("sepc", "spec", "-continaer", "- container", "continaer", "container", "tmkube/p8000", s.Image())

		const asTyped = "the manifest creates a Pod as typed"
		s.Point(asTyped).Expect(s.Submit(typed)).Tells(BeAccepted(), BeInvalid())
		s.Point(asTyped).Expect(s.Submit(strings.Replace(typed, "sepc", "spec", 1))).Tells(BeAccepted(), BeInvalid())
		s.Against(asTyped).Consistently(submitted).Should(BeEmpty())
		accepts := s.Control("the API server creates it from the same text with its slips mended")
		accepts.Expect(s.Submit(mend.Replace(typed))).Should(BeAccepted())
		accepts.Expect(submitted).Should(HaveLen(1))

		mended, client := s.Ready("app=mended"), s.Ready("app=client").In("")
		for _, port := range []int32{8000, 8080} {
			s.Point("with its slips mended it gives one Pod listening on 8000 and 8080").
				Eventually(client.HTTP(scenario.PodURL(s.List(mended)[0], port) + "/hostname")).Should(BeAnsweredWith("mended"))
		}
		s.Control("a port on which nothing listens is refused").
			Expect(client.HTTP(scenario.PodURL(s.List(mended)[0], 8001))).Should(BeRefused())

		const twice = "naming the same port-8000 image twice gives two working containers"
		s.Against(twice).Eventually(s.Pods("app=twice")).Should(ConsistOf(HaveOneCrashLooping()))
		s.Against(twice).Eventually(s.Pods("app=twice").Logs()).Should(Say("address already in use"))
	},
	Sabotage: scenario.Sabotage{
		Replace: "args: [netexec, --http-port=8080, --udp-port=-1]", By: "args: [netexec, --http-port=8002, --udp-port=-1]",
		Point: "with its slips mended it gives one Pod listening on 8000 and 8080",
	},
}

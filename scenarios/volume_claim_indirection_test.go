package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A Pod names a claim in its own namespace, never a PersistentVolume; the volume brings along where its data is, and the
// scheduler obeys (Kubernetes docs, "Persistent Volumes", and "Volumes", local).
var volumeClaimIndirection = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "volume.claim-indirection",
		Quote: "Pod 에서 PSV를 거쳐서 PV를 접속하는 이유 *",
		Points: []claim.Point{
			{Says: "a Pod can use a PV without a claim", Expect: claim.False},
			{Says: "a claim finds a PV that fits", Expect: claim.True},
			{Says: "data on it outlives the Pod", Expect: claim.True},
		},
		Correction: claim.Text{
			KO: "PSV가 아니라 PVC(PersistentVolumeClaim)이다. Pod는 PV를 직접 쓸 수 없고, 크기와 접근 모드가 맞는 PV를 PVC가 찾아 연결한다. 데이터는 Pod보다 오래 남으며, local PV라면 Pod가 데이터가 있는 노드로 돌아온다.",
			EN: "It is called a PVC (PersistentVolumeClaim). A Pod cannot use a PV directly: the claim finds one whose size and mode fit. The data outlives the Pod, and with a local PV the Pod comes back to the node that holds it.",
		},
		Needs: []claim.Need{claim.TwoWorkers, claim.ClusterMutation},
	},
	Body: func(s *scenario.S) {
		s.Control("the same Pod with a claim is accepted").
			Expect(s.PodWithVolume("persistentVolumeClaim: {claimName: small}")).Should(And(BeAccepted(), Mention("small")))
		s.Point("a Pod can use a PV without a claim").Expect(s.PodWithVolume("persistentVolume: {name: small}")).
			Tells(And(BeAccepted(), Mention("persistentVolume")), Or(And(BeInvalid(), Mention("persistentVolume")), Mention("emptyDir")))

		s.Eventually(s.Volumes()).Should(And(HaveLen(3), HaveEach(corev1.VolumeAvailable)))
		s.Create("persistentvolumeclaim/none")
		for _, fitting := range []string{"large", "many", "small"} {
			s.Create("persistentvolumeclaim/" + fitting)
			s.Point("a claim finds a PV that fits").Eventually(s.VolumeClaim(fitting)).Should(BeBoundTo(s.Elsewhere(fitting)))
		}
		s.Control("a claim that no PV fits stays Pending").Consistently(s.VolumeClaim("none")).Should(BeUnbound())

		s.Ready("app=folder") // a local PV does not make its folder
		s.Create("statefulset/web")
		web := s.Ready("app=web")
		s.Write(web.In(""), "/data/note", "on the volume")
		s.Write(web.In(""), "/in-pod/note", "in the Pod")
		old := s.Delete(web)
		s.Eventually(web).Should(ConsistOf(And(BeReady(), Not(BeAmong(old)))))
		outlives := s.Point("data on it outlives the Pod")
		outlives.Expect(web).Should(ConsistOf(BeOnTheNodeOf(old)))
		outlives.Expect(web.In("").File("/data/note")).Should(Contain("on the volume"))
		s.Control("an emptyDir of the same Pod does not survive").Expect(web.In("").File("/in-pod/note")).Should(BeGone())

		without := s.Ready("app=without") // schedulers differ in the words of their refusal, so this one shows what it is due to
		s.Create("pod/elsewhere")
		bound := s.Control("a Pod with the same claim cannot be put on another node, one without it can")
		bound.Eventually(s.Pods("app=elsewhere").Events()).Should(HaveEvent("FailedScheduling", "nodes are available"))
		bound.Expect(without).Should(ConsistOf(BeReady()))
	},
	Sabotage: scenario.Sabotage{
		Replace: "capacity: {storage: 3Gi}", By: "capacity: {storage: 1Gi}",
		Point: "a claim finds a PV that fits",
	},
}

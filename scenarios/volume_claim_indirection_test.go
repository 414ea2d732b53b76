package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	volumeWithoutClaim = claim.P("a Pod can use a PV without a claim", claim.False).KO("Pod는 PVC 없이 PV를 쓸 수 있다")
	claimFindsVolume   = claim.P("a claim finds a PV that fits", claim.True).KO("PVC는 조건에 맞는 PV와 연결된다")
	volumeOutlivesPod  = claim.P("data on it outlives the Pod", claim.True).KO("Pod가 사라져도 PV의 데이터는 남는다")
	setTakesClaims     = claim.P("a StatefulSet can be told to delete its claims with it", claim.TrueFrom("1.27")).
				KO("StatefulSet을 삭제할 때 PVC도 함께 삭제되게 할 수 있다")
)

// A Pod names a claim in its own namespace, not a PersistentVolume. The volume determines where its data is, and the scheduler
// places the Pod there (Kubernetes docs, "Persistent Volumes", and "Volumes", local). A StatefulSet leaves the claims that it has made, unless
// its persistentVolumeClaimRetentionPolicy says otherwise (gate StatefulSetAutoDeletePVC, on by default from 1.27 on).
var volumeClaimIndirection = suite.Scenario{
	ID: "volume.claim-indirection", Points: []*claim.Point{volumeWithoutClaim, claimFindsVolume, volumeOutlivesPod, setTakesClaims},
	Quote: "Pod 에서 PSV를 거쳐서 PV를 접속하는 이유 *",
	Correction: claim.Text{
		KO: "PSV가 아니라 PVC(PersistentVolumeClaim)다. Pod는 PV를 직접 쓸 수 없고, 클러스터가 PVC의 요청(크기, 접근 모드, StorageClass)에 맞는 PV를 찾아 일대일로 바인딩한다. 그래서 Pod는 스토리지가 무엇이고 어디에 있는지 몰라도 된다. 데이터는 Pod가 사라져도 남지만, PVC를 삭제하면 reclaim 정책(Delete/Retain)에 따라 함께 삭제될 수 있다. StatefulSet이 만든 PVC는 StatefulSet을 삭제해도 남으며, 1.27부터는 `persistentVolumeClaimRetentionPolicy`로 함께 삭제되게 할 수 있다. local PV라면 다시 만들어진 Pod도 데이터가 있는 노드에 배치된다.",
		EN: "It is called a PVC (PersistentVolumeClaim). A Pod cannot use a PV directly: the cluster finds one that fits the claim's size, access mode and StorageClass, and binds the two. So the Pod need not know what the storage is and where. The data outlives the Pod, but deleting the claim may delete it, by the reclaim policy. Claims that a StatefulSet has made stay when it is deleted, unless, from 1.27 on, its `persistentVolumeClaimRetentionPolicy` says otherwise. With a local PV the Pod that is made again is put on the node that holds it.",
	},
	Remark: claim.Remark{
		KO:   "PVC를 거치는 이유는 역할을 나누기 위해서다. 관리자는 스토리지를 제공하고 사용자는 요청만 적는다. 덕분에 매니페스트를 다른 클러스터에서도 쓸 수 있다. 요즘은 PV를 미리 만들지 않고 StorageClass가 동적으로 만들며, 이때 기본 reclaim 정책은 Delete다. ReadWriteOnce는 Pod 하나가 아니라 노드 하나라는 뜻이다.",
		EN:   "Why the indirection: one side provides storage, the other only asks, and manifests work on any cluster. Today a StorageClass makes PVs on demand, by default with the reclaim policy Delete. ReadWriteOnce means one node, not one Pod.",
		Docs: "/docs/concepts/storage/persistent-volumes/#reclaiming",
	},
	Needs: []claim.Need{claim.TwoWorkers, claim.ClusterMutation},
	Body: func(s *scenario.S) {
		asks := s.Witness("the same Pod with an emptyDir is accepted").
			Expect(s.PodWithVolume("emptyDir: {}")).Should(And(BeAccepted(), Mention("emptyDir")))
		accepted := s.Contrast("the same Pod with a claim is accepted").
			Expect(s.PodWithVolume("persistentVolumeClaim: {claimName: small}")).Should(And(BeAccepted(), Mention("small")))
		s.Point(volumeWithoutClaim, asks, accepted).Expect(s.PodWithVolume("persistentVolume: {name: small}")).
			Decides(And(BeAccepted(), Mention("persistentVolume")), Or(And(BeInvalid(), Mention("persistentVolume")), And(BeAccepted(), Mention("emptyDir"))))

		folder := s.Ready("app=folder") // a local PV does not create its directory
		controls := s.Witness("another controller of the control plane has made its Pod, and the volumes are there").
			Expect(folder).Should(HaveLen(1)).Expect(s.Volumes()).Should(HaveLen(3))
		unbound := s.Contrast("a volume without a claim is bound to none, and a claim that no volume fits neither").
			Eventually(s.Volumes()).Should(HaveEach(corev1.VolumeAvailable))
		for _, fitting := range []string{"none", "large", "many", "small"} {
			s.Create("persistentvolumeclaim/" + fitting)
		}
		finds := s.Point(claimFindsVolume, controls, unbound)
		for _, fitting := range []string{"large", "many", "small"} {
			finds.Eventually(s.VolumeClaim(fitting)).Decides(BeBoundTo(s.Elsewhere(fitting)), Lasting(BeUnbound()))
		}
		unbound.Consistently(s.VolumeClaim("none")).Should(BeUnbound())

		s.Create("statefulset/web")
		web := s.Ready("app=web")
		inside := web.In("web")
		s.Write(inside, "/data/note", "on the volume")
		s.Write(inside, "/tmp/note", "in the Pod")
		old := s.Delete(web)
		s.Eventually(web).Should(ConsistOf(And(BeReady(), Not(BeAmong(old)))))
		s.Write(inside, "/tmp/own", "in the new Pod")
		works := s.Witness("the new Pod keeps a file of its own").Expect(inside.File("/tmp/own")).Should(Contain("in the new Pod"))
		lost := s.Contrast("what lay outside of the volume is gone with its Pod").Expect(inside.File("/tmp/note")).Should(BeGone())
		elsewhere := s.Pods("app=elsewhere")
		s.Create("pod/elsewhere")
		bound := s.Contrast("a Pod with the same claim cannot be put on another node, one without it can").
			Eventually(s.Pods("app=without")).Should(ConsistOf(BeOnNode(s.Node("worker-2")))).
			Eventually(elsewhere).Should(ConsistOf(BeUnschedulable())).Consistently(elsewhere).Should(ConsistOf(BeUnschedulable()))
		s.Point(volumeOutlivesPod, works, lost, bound).Expect(inside.File("/data/note")).Decides(Contain("on the volume"), BeGone())

		claims := s.Objects("persistentvolumeclaim", "")
		listed, stays := s.Witness("the claims are listed").Expect(claims).Should(Not(BeEmpty())), s.Contrast("a claim that was made by hand stays")
		takes := s.Point(setTakesClaims, listed, stays)
		if knows(s, takes, "statefulset/forgetful", "spec.persistentVolumeClaimRetentionPolicy") {
			s.Create("statefulset/forgetful")
			s.Eventually(claims).Should(ContainElement("own-forgetful-0"))
			s.DeleteObject("statefulset/forgetful")
			takes.Eventually(claims).Decides(Not(ContainElement("own-forgetful-0")), Lasting(ContainElement("own-forgetful-0")))
		}
		stays.Expect(claims).Should(ContainElement("small"))
	},
	Sabotage: suite.Sabotage{Replace: "capacity: {storage: 3Gi}", By: "capacity: {storage: 1Gi}", Point: claimFindsVolume},
	Also:     []suite.Sabotage{{Replace: "{whenDeleted: Delete}", By: "{whenDeleted: Retain}", Point: setTakesClaims}},
}

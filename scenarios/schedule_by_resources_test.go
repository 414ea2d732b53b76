package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	requestsWithLimit = claim.P("a Pod can request 2Gi with a 3Gi limit", claim.True).KO("Pod에 메모리 request 2Gi와 limit 3Gi를 지정할 수 있다")
	placedByRequest   = claim.P("the scheduler places it where the request fits", claim.True).KO("스케줄러는 request가 들어갈 수 있는 노드에 Pod를 배치한다")
	placedByUse       = claim.P("the scheduler goes by the memory that Pods really use", claim.False).
				KO("스케줄러는 Pod가 실제로 쓰는 메모리를 보고 배치한다")
	limitMustFit = claim.P("the limit must fit on the node, too", claim.False).
			KO("limit도 노드에 들어가야 한다")
	podHasResources = claim.P("a Pod itself, not only its containers, can be given a request and a limit", claim.TrueFrom("1.34")).
			KO("컨테이너뿐 아니라 Pod 자체에도 request와 limit을 지정할 수 있다")
	changedByNewPod = claim.P("what a Pod was given can be changed only by making it again", claim.TrueBefore("1.33")).
			KO("지정한 리소스는 Pod를 다시 만들어야만 바꿀 수 있다")
)

// The scheduler adds the requests of Pods, not their usage or limits, and excludes nodes on which the sum would exceed the
// allocatable memory (Kubernetes docs, "Resource Management for Pods and Containers"). A request and a limit of the Pod as a whole
// can be set from 1.34 on (gate PodLevelResources). From 1.33 on, those of a container can be changed while it runs, by a patch of the
// Pod's subresource resize (gate InPlacePodVerticalScaling).
var scheduleByResources = suite.Scenario{
	ID:     "schedule.by-resources",
	Points: []*claim.Point{requestsWithLimit, placedByRequest, placedByUse, limitMustFit, podHasResources, changedByNewPod}, Needs: []claim.Need{claim.TwoWorkers, claim.NodeMemory},
	Quote: "스캐줄러가 판단: Pod를 만들 때 리소스의 사용량을 지정할 수 있다. 2기가 메모리를 지정, 최대 메모리 3기가 지정",
	Correction: claim.Text{
		KO: "Pod를 만들 때 지정하는 것은 사용량이 아니라 예약량(request)과 상한(limit)이다. 스케줄러는 실제 사용량이나 limit이 아니라 request의 합계만 보고, 남은 자리에 request가 들어가는 노드를 고른다. 그래서 거의 쓰지 않아도 예약된 메모리는 다른 Pod가 예약할 수 없고, limit의 합계는 노드의 메모리를 넘을 수 있다. 1.33부터는 실행 중인 컨테이너의 request와 limit을 바꿀 수 있고(`kubectl patch --subresource resize`), 1.34부터는 Pod 전체의 request와 limit도 지정할 수 있다.",
		EN: "What a Pod is given is not a usage but a reservation (request) and an upper bound (limit). The scheduler adds requests only, neither usage nor limits, and picks a node with room for the request. So memory that is reserved but hardly used cannot be reserved by others, and the limits together may exceed the node's memory. From 1.33 on, requests and limits of a running container can be changed (`kubectl patch --subresource resize`), and from 1.34 on the Pod as a whole can be given a request and a limit.",
	},
	Remark: claim.Remark{
		KO:   "request는 사용량이 아니라 예약이다. 스케줄러는 request의 합만 보고 실제 사용량과 limit은 보지 않는다. 그래서 limit의 합은 노드의 용량을 넘을 수 있고, request가 없는 Pod에는 예약된 리소스가 없다. 노드의 메모리가 모자라면 request를 넘겨 쓰는 Pod부터 축출되며, 그중에서는 우선순위(priority), 넘긴 양 순으로 정해진다.",
		EN:   "A request is a reservation, not the usage. The scheduler adds up requests, and looks neither at what is used nor at limits: limits may exceed the node, and a Pod without a request has nothing reserved. When memory runs out, Pods above their requests are evicted first: by priority, then by how far above they are.",
		Docs: "/docs/concepts/configuration/manage-resources-containers/",
	},
	Body: func(s *scenario.S) {
		full, roomy := s.FillOneWorker("1536Mi", "2Gi") // the first has too little for web, but enough for small Pods
		web, small, huge := s.Pods("app=web"), s.Pods("app=small"), s.Pods("app=huge")
		for _, pod := range []string{"idle", "small", "huge", "web"} { // each prefers the full worker
			s.Create("pod/" + pod)
		}

		listed := s.Witness("the API server shows the Pod").Expect(web).Should(HaveLen(1))
		reversed := s.Contrast("a request over its limit is refused").Expect(s.TryCreate("pod/reversed")).Should(BeInvalid())
		asked := And(HaveRequest("memory", "2Gi"), HaveLimit("memory", "3Gi"))
		s.Point(requestsWithLimit, listed, reversed).Expect(web.Resources("web")).Decides(asked, Not(asked))

		places := s.Witness("the scheduler places a Pod that requests nothing, and by the requests of the others the full worker has no 2Gi left").
			Eventually(s.Pods("app=idle")).Should(ConsistOf(BeScheduled())).
			Expect(s.FreeMemory(full, web)).Should(BeLessThan("2Gi"))
		drawn := s.Contrast("a Pod that requests little goes to the full worker").
			Eventually(small).Should(ConsistOf(BeOnNode(full)))
		unplaced := s.Contrast("a Pod that requests more than any node has is unschedulable").
			Eventually(huge).Should(ConsistOf(BeUnschedulable())).
			Consistently(huge).Should(ConsistOf(BeUnschedulable()))
		fits := s.Point(placedByRequest, places, drawn, unplaced)
		fits.Eventually(web).Decides(ConsistOf(BeOnNode(roomy)), ConsistOf(BeOnNode(full)))
		s.Point(limitMustFit, places, unplaced).Eventually(small).Decides(Lasting(ConsistOf(BeUnschedulable())), ConsistOf(BeScheduled()))

		hardlyUsed := s.Witness("the full worker's memory is requested, and hardly used, by one Pod").
			Eventually(s.Pods("app=memory-holder").On(full).In("holder").Memory()).Should(HoldBetween("0", "64Mi"))
		s.Point(placedByUse, hardlyUsed, drawn).Eventually(web).Decides(ConsistOf(BeOnNode(full)), ConsistOf(BeOnNode(roomy)))

		single := s.Contrast("a container's request is stored").Expect(s.Stored("pod/single", "spec.containers.web.resources.requests.memory")).Should(BeStored())
		s.Point(podHasResources, listed, single).Expect(s.Stored("pod/level", "spec.resources.requests.memory")).Decides(BeStored(), Not(BeStored()))
		resizes(s)
	},
	Sabotage: suite.Sabotage{Replace: "args: [pause], resources: {requests: {memory: 2Gi}", By: "args: [pause], resources: {requests: {memory: 2Mi}", Point: placedByRequest},
	Also: []suite.Sabotage{
		{Replace: "requests: {memory: 1Mi}", By: "requests: {memory: 1Pi}", Point: limitMustFit},
		{Replace: "spec: {resources: {requests: {memory: 2Gi}, limits: {memory: 3Gi}},", By: "spec: {", Point: podHasResources},
		{ // guaranteed by its requests and limits, which a change of one of them alone would end: so it is refused
			Replace: "requests: {cpu: 10m}, limits: {cpu: 200m}", By: "requests: {cpu: 200m, memory: 64Mi}, limits: {cpu: 200m, memory: 64Mi}", Point: changedByNewPod,
		},
	},
}

// resizes decides changedByNewPod.
func resizes(s *scenario.S) {
	sized := s.Ready("app=sized")
	inside, before := sized.In("web"), s.List(sized)
	has := s.Witness("the container runs under a CPU limit").Expect(inside.CPUQuota()).Should(Not(HaveCPUQuota(0)))
	const patch = "spec: {containers: [{name: web, resources: {limits: {cpu: 400m}}}]}"
	refused := s.Contrast("by a patch of the Pod itself it cannot be changed").Expect(s.TryPatch("pod/sized", patch)).Should(BeInvalid())
	change := s.Point(changedByNewPod, has, refused)
	s.TryPatch("pod/sized/resize", patch) // an older API server has no such subresource
	change.Expect(sized.Resources("web")).Decides(HaveLimit("cpu", "200m"), HaveLimit("cpu", "400m"))
	if s.List(sized)[0].Spec.Containers[0].Resources.Limits.Cpu().MilliValue() == 400 {
		change.Eventually(inside.CPUQuota()).Decides(Lasting(HaveCPUQuota(0.2)), HaveCPUQuota(0.4))
		s.Supporting(changedByNewPod).Expect(sized).Should(ConsistOf(HaveNotEndedSince(before)))
	}
}

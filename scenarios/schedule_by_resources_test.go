package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	requestsWithLimit = claim.P("a Pod can request 2Gi with a 3Gi limit", claim.True).KO("Pod에 2Gi를 요청하고 3Gi를 상한으로 둘 수 있다")
	placedByRequest   = claim.P("the scheduler places it where the request fits", claim.True).KO("스케줄러는 요청량이 들어갈 수 있는 노드에 Pod를 배치한다")
)

// The scheduler adds the requests of Pods, not their usage or limits, and excludes nodes on which the sum would exceed the
// allocatable memory (Kubernetes docs, "Resource Management for Pods and Containers").
var scheduleByResources = suite.Scenario{
	ID: "schedule.by-resources", Points: []*claim.Point{requestsWithLimit, placedByRequest}, Needs: []claim.Need{claim.TwoWorkers, claim.ClusterMutation},
	Quote: "스캐줄러가 판단: Pod를 만들 때 리소스의 사용량을 지정할 수 있다. 2기가 메모리를 지정, 최대 메모리 3기가 지정",
	Remark: claim.Remark{
		KO:   "request는 사용량이 아니라 예약이다. 스케줄러는 request의 합만 보고 실제 사용량과 limit은 보지 않는다. 그래서 limit의 합은 노드의 용량을 넘을 수 있고, request가 없는 Pod에는 예약된 자원이 없다. 노드의 메모리가 모자라면 QoS 클래스와 request를 넘긴 양에 따라 먼저 축출될 Pod가 정해진다.",
		EN:   "A request is a reservation, not the usage. The scheduler adds up requests, and looks neither at what is used nor at limits: limits may exceed the node, and a Pod without a request has nothing reserved. When memory runs out, the QoS class and the usage over the request decide who is evicted first.",
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
		fits.Eventually(small).Decides(ConsistOf(BeScheduled()), Lasting(ConsistOf(BeUnschedulable()))) // its limit fits on no node
	},
	Sabotage: suite.Sabotage{Replace: "requests: {memory: 2Gi}", By: "requests: {memory: 2Mi}", Point: placedByRequest},
}

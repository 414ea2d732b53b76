package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	hangNoticed = claim.P("a program that no longer answers is noticed although nothing was set up for it", claim.False).
			KO("따로 설정하지 않아도 응답하지 않는 프로그램이 감지된다")
	probeNotices = claim.P("with a liveness probe it is noticed, and its container is restarted", claim.True).
			KO("livenessProbe가 있으면 감지되어 컨테이너가 재시작된다")
	unreadyReplaced = claim.P("a Pod whose readiness probe fails is restarted or made again", claim.False).
			KO("readinessProbe가 실패한 Pod는 재시작되거나 다시 만들어진다")
	grpcProbe = claim.P("a liveness probe can ask a gRPC server by itself, without a program for that in the container", claim.TrueFrom("1.24")).
			KO("컨테이너에 따로 프로그램을 넣지 않고 livenessProbe만으로 gRPC 서버의 상태를 확인할 수 있다")
)

// A kubelet notices that a process ends. Whether a running program still works it learns from probes only: a liveness probe that fails
// restarts the container, a readiness probe takes the Pod out of its Services (Kubernetes docs, "Liveness, Readiness, and Startup
// Probes"). Probes over gRPC are on by default from 1.24 on (gate GRPCContainerProbe).
var podDetectsProblems = suite.Scenario{
	ID: "pod.detects-problems", Points: []*claim.Point{hangNoticed, probeNotices, unreadyReplaced, grpcProbe},
	Quote: "시스템에서 이것을 감지하고",
	Correction: claim.Text{
		KO: "kubelet이 저절로 감지하는 것은 프로세스의 종료뿐이다. 프로세스는 살아 있지만 응답하지 않는 프로그램은 livenessProbe를 설정해야 감지되어 재시작된다. readinessProbe가 실패하면 재시작되지 않고 Service의 엔드포인트에서 빠질 뿐이다. gRPC 프로브는 1.24부터 쓸 수 있고, 그 전에는 확인하는 프로그램을 이미지에 넣어 exec 프로브로 실행했다.",
		EN: "All that a kubelet notices by itself is that a process ends. A program that lives but no longer answers is noticed, and restarted, only with a livenessProbe. A readinessProbe that fails restarts nothing: the Pod only leaves the endpoints of its Services. Probes over gRPC can be used from 1.24 on; before, an exec probe ran a program in the image that asks.",
	},
	Remark: claim.Remark{
		KO:   "요청을 받는 컨테이너에는 readinessProbe를 두고, livenessProbe는 교착 상태처럼 재시작으로 풀리는 문제에만 쓴다. 다른 서비스의 상태까지 확인하는 livenessProbe는 그 서비스의 장애를 연쇄 재시작으로 키운다. 시작이 느린 프로그램에는 startupProbe를 쓴다.",
		EN:   "Give a container that serves requests a readinessProbe, and a livenessProbe only for what a restart cures, such as a deadlock. A livenessProbe that depends on another service turns its outage into restarts. A program that starts slowly needs a startupProbe.",
		Docs: "/docs/concepts/configuration/liveness-readiness-startup-probes/",
	},
	Body: func(s *scenario.S) {
		hung, live, unready := s.Ready("app=hung"), s.Ready("app=live"), s.Ready("app=unready")
		s.Eventually(s.Endpoints("unready")).Should(LeadTo(s.List(unready)))

		listed := s.Witness("the Pods are listed, each as the one that it was").Expect(s.Pods("app in (hung, live, unready, grpc, grpc-unprobed)")).Should(HaveLen(5))
		restarted := s.Contrast("with a liveness probe the same is noticed")
		unnoticed := s.Contrast("without a probe nothing is restarted")

		first, second, third := s.Crash(live), s.Crash(hung), s.Crash(unready)
		s.Point(probeNotices, listed, unnoticed).Eventually(live).Decides(ConsistOf(HaveRestartedSince(first)), Lasting(ConsistOf(HaveNotRestartedSince(first))))
		restarted.Expect(live).Should(ConsistOf(HaveRestartedSince(first)))

		s.Eventually(hung.In("").HTTP("http://localhost:8080")).Should(BeRefused())
		s.Point(hangNoticed, listed, restarted).Consistently(hung).
			Decides(ConsistOf(Not(HaveNotEndedSince(second))), Lasting(ConsistOf(HaveNotEndedSince(second))))
		unnoticed.Expect(hung).Should(ConsistOf(HaveNotEndedSince(second)))

		s.Supporting(unreadyReplaced).Eventually(s.Endpoints("unready")).Should(LeadTo(nil)) // all that the probe changes
		s.Point(unreadyReplaced, listed, restarted).Consistently(unready).
			Decides(ConsistOf(Not(HaveNotEndedSince(third))), Lasting(ConsistOf(HaveNotEndedSince(third))))

		// Not by what the API server stores: that of 1.23 stores the probe, and the kubelet does not run it.
		asked, unasked := s.Ready("app=grpc"), s.Ready("app=grpc-unprobed")
		before, beforeUnasked := s.List(asked), s.List(unasked)
		serving := s.Contrast("with the probe, a server that says that it serves is not restarted").
			Consistently(asked).Should(ConsistOf(HaveNotRestartedSince(before)))
		s.Eventually(unasked.In("").HTTP("http://localhost:8080/make-not-serving")).Should(BeAnswered())
		s.Eventually(asked.In("").HTTP("http://localhost:8080/make-not-serving")).Should(BeAnswered())
		same := s.Contrast("without a probe the same server, which says that it does not serve, is not restarted")
		s.Point(grpcProbe, listed, same, serving).Eventually(asked).Decides(ConsistOf(HaveRestartedSince(before)), Lasting(ConsistOf(HaveNotRestartedSince(before))))
		same.Expect(unasked).Should(ConsistOf(HaveNotRestartedSince(beforeUnasked)))
	},
	Sabotage: suite.Sabotage{
		Replace: "readinessProbe: {tcpSocket: *web, periodSeconds: 1, timeoutSeconds: 30, failureThreshold: 1}",
		By: "readinessProbe: {tcpSocket: *web, periodSeconds: 1, timeoutSeconds: 30, failureThreshold: 1},\n" +
			"     livenessProbe: {tcpSocket: *web, periodSeconds: 1, timeoutSeconds: 30, failureThreshold: 2}",
		Point: unreadyReplaced,
	},
	Also: []suite.Sabotage{
		{Replace: "livenessProbe: {grpc: {port: 5000}", By: "livenessProbe: {tcpSocket: {port: 5000}", Point: grpcProbe},
		{Replace: "livenessProbe: {tcpSocket: *web, timeoutSeconds", By: "livenessProbe: {exec: {command: [\"true\"]}, timeoutSeconds", Point: probeNotices},
	},
}

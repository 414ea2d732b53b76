package match_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	. "github.com/noteproof/noteproof/harness/match"
)

// matchers returns each matcher of the package, by the name of its function.
func matchers() map[string]Described {
	return map[string]Described{
		"BeAccepted": BeAccepted(), "BeAmong": BeAmong(nil), "BeAnswered": BeAnswered(), "BeAnsweredWith": BeAnsweredWith(""),
		"BeBoundTo": BeBoundTo(""), "BeComplete": BeComplete(), "BeEachOf": BeEachOf(nil), "BeForbidden": BeForbidden(),
		"BeGone": BeGone(), "BeHeldAt": BeHeldAt(1), "BeInPhase": BeInPhase(""), "BeInvalid": BeInvalid(), "BeInvalidAt": BeInvalidAt(""), "BeOnNode": BeOnNode(""),
		"BeOnTheNodeOf": BeOnTheNodeOf(nil), "BeOneOf": BeOneOf(), "BeReady": BeReady(), "BeRefused": BeRefused(),
		"BeRunning": BeRunning(), "BeScheduled": BeScheduled(), "BeTerminating": BeTerminating(),
		"BeTheSameService": BeTheSameService(nil), "BeTurnedAway": BeTurnedAway(), "BeUnbound": BeUnbound(),
		"BeReachedAt": BeReachedAt(), "BeUnreached": BeUnreached(), "BeUnschedulable": BeUnschedulable(), "ComeFrom": ComeFrom(nil), "ComeFromEachOf": ComeFromEachOf(nil),
		"Contain": Contain(""), "DeclarePorts": DeclarePorts(), "DifferFromPodToPod": DifferFromPodToPod(),
		"GoUnanswered": GoUnanswered(), "HaveAnIPEach": HaveAnIPEach(), "HaveBeenKilled": HaveBeenKilled(),
		"HaveExitCode": HaveExitCode(0), "HaveExternalIP": HaveExternalIP(), "HaveExternalTrafficPolicy": HaveExternalTrafficPolicy(""),
		"HaveIPAmong":        HaveIPAmong(nil),
		"HaveNeverRestarted": HaveNeverRestarted(), "HaveNodePorts": HaveNodePorts(), "HaveNodePortsBetween": HaveNodePortsBetween(0, 0),
		"HaveNotRestartedSince": HaveNotRestartedSince(nil),
		"HaveNotEndedSince":     HaveNotEndedSince(nil),
		"HaveRestarted":         HaveRestarted(0), "HaveRestartedSince": HaveRestartedSince(nil),
		"HaveTheirNodesIP": HaveTheirNodesIP(), "HaveTheirPodToThemselves": HaveTheirPodToThemselves(), "HoldBetween": HoldBetween("0", "1"),
		"LeadTo": LeadTo(nil), "Mention": Mention(""), "Say": Say(""), "ShareTheirPod": ShareTheirPod(), "ShowClient": ShowClient(""),
		"SignInAs": SignInAs(""), "StandInOnePodEach": StandInOnePodEach(), "StandInSeveralPods": StandInSeveralPods(),
		"UseMoreThan": UseMoreThan(0),

		"ComeFromSomeOf": ComeFromSomeOf(nil), "HaveNeverEnded": HaveNeverEnded(), "HaveOneFailed": HaveOneFailed(""), "HaveOtherIPThan": HaveOtherIPThan(nil),
		"HaveStarted": HaveStarted(), "ShareAnIP": ShareAnIP(),

		"BeKilledForMemory": BeKilledForMemory(), "LiveWithMoreThan": LiveWithMoreThan("1"), "HaveEndedByItself": HaveEndedByItself(),
		"BeStored": BeStored(), "HaveCPUQuota": HaveCPUQuota(1),
		"BelongTo": BelongTo(corev1.Service{}), "BeNoObject": BeNoObject(), "HaveIPMode": HaveIPMode(), "SayWhyEnded": SayWhyEnded(""), "SayNoReason": SayNoReason(),
		"That": That("be true", func(b bool) bool { return b }),

		"BeLessThan": BeLessThan("1"), "BeMounted": BeMounted(), "BeMountedAs": BeMountedAs(""),
		"BeOnNodeOtherThan": BeOnNodeOtherThan(""), "BeTakenBy": BeTakenBy(""), "PrintNoToken": PrintNoToken(),
		"HaveRequest": HaveRequest("cpu", "1"), "HaveLimit": HaveLimit("cpu", "1"), "HaveNoLimit": HaveNoLimit("cpu"),
	}
}

func TestAMatcherOnTheWrongTypeReturnsAnError(t *testing.T) {
	for name, matcher := range matchers() {
		t.Run(name, func(t *testing.T) {
			for _, wrong := range []any{nil, struct{}{}, &struct{}{}, 1, []string{}} {
				matches, err := matcher.Match(wrong)
				g := NewWithT(t)
				g.Expect(err).To(HaveOccurred(), "of %#v", wrong)
				g.Expect(matches).To(BeFalse(), "of %#v", wrong)
			}
			NewWithT(t).Expect(matcher.String()).NotTo(BeEmpty())
		})
	}
}

func TestEveryMatcherIsTestedOnTheWrongType(t *testing.T) {
	g := NewWithT(t)
	files, err := os.ReadDir(".")
	g.Expect(err).NotTo(HaveOccurred())
	var found []string
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, 0)
		g.Expect(err).NotTo(HaveOccurred())
		for _, declared := range parsed.Decls {
			if function, ok := declared.(*ast.FuncDecl); ok && function.Name.IsExported() && makesMatcher(function) {
				found = append(found, function.Name.Name)
			}
		}
	}
	tested := []string{}
	for name := range matchers() {
		tested = append(tested, name)
	}
	g.Expect(tested).To(ConsistOf(found))
}

func makesMatcher(function *ast.FuncDecl) bool {
	if function.Recv != nil || function.Type.Results == nil || len(function.Type.Results.List) != 1 {
		return false
	}
	result, ok := function.Type.Results.List[0].Type.(*ast.Ident)
	return ok && result.Name == "Described"
}

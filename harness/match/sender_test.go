package match_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

func TestSenders(t *testing.T) {
	named := func(name string) corev1.Pod { return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}} }
	g := NewWithT(t)
	g.Expect(probe.Answers{"a": 1, "c": 3}).To(ComeFromSomeOf([]corev1.Pod{named("a"), named("b")}))
	g.Expect(probe.Answers{"c": 3, probe.NobodyAnswered: 1}).NotTo(ComeFromSomeOf([]corev1.Pod{named("a"), named("b")}))
	g.Expect(probe.Answers{}).NotTo(ComeFromSomeOf([]corev1.Pod{named("a")}))
}

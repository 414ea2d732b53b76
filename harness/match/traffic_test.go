package match_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

func TestTraffic(t *testing.T) {
	named := func(name string) corev1.Pod { return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}} }
	two := ComeFrom([]corev1.Pod{named("a"), named("b")})
	for name, test := range map[string]struct {
		matcher Described
		answers probe.Answers
		want    bool
	}{
		"from both":              {two, probe.Answers{"a": 3, "b": 1}, true},
		"from one":               {two, probe.Answers{"b": 4}, true},
		"from a stranger":        {two, probe.Answers{"a": 3, "c": 1}, false},
		"some unanswered":        {two, probe.Answers{"a": 3, probe.NobodyAnswered: 1}, false},
		"from no request":        {two, probe.Answers{}, false},
		"all unanswered":         {GoUnanswered(), probe.Answers{probe.NobodyAnswered: 3}, true},
		"some are answered":      {GoUnanswered(), probe.Answers{probe.NobodyAnswered: 3, "a": 1}, false},
		"cut off is reached":     {GoUnanswered(), probe.Answers{probe.CutOff: 3}, false},
		"no request is answered": {GoUnanswered(), probe.Answers{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			matches, err := test.matcher.Match(test.answers)
			g := NewWithT(t)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(matches).To(Equal(test.want))
		})
	}
}

func TestSenders(t *testing.T) {
	named := func(name string) corev1.Pod { return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}} }
	g := NewWithT(t)
	g.Expect(probe.Answers{"a": 1, "c": 3}).To(ComeFromSomeOf([]corev1.Pod{named("a"), named("b")}))
	g.Expect(probe.Answers{"c": 3, probe.NobodyAnswered: 1}).NotTo(ComeFromSomeOf([]corev1.Pod{named("a"), named("b")}))
	g.Expect(probe.Answers{}).NotTo(ComeFromSomeOf([]corev1.Pod{named("a")}))
}

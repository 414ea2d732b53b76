package lab

import (
	"context"
	"errors"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/noteproof/noteproof/harness/internal/verdict"
)

func TestTheMonitorRecordsShortProblems(t *testing.T) {
	g := NewWithT(t)
	condition := func(status corev1.ConditionStatus) corev1.Node {
		return corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "w1"}, Status: corev1.NodeStatus{
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: status}},
		}}
	}
	fit, unfit := condition(corev1.ConditionTrue), condition(corev1.ConditionUnknown)
	begin := time.Now().Add(-time.Minute)
	at := func(second int) time.Time { return begin.Add(time.Duration(second) * time.Second) }
	m := newMonitor(fake.NewClientset(&fit))
	m.note(at(0), at(0), &corev1.NodeList{Items: []corev1.Node{fit}}, nil)
	m.note(at(1), at(6), nil, errors.New("no answer"))
	m.note(at(7), at(12), nil, errors.New("still none"))
	m.note(at(13), at(13), &corev1.NodeList{Items: []corev1.Node{fit}}, nil)
	m.note(at(20), at(20), &corev1.NodeList{Items: []corev1.Node{unfit}}, nil)

	problems := func(from, to int) []string {
		f := m.Facts(t.Context(), at(from), at(to))
		f.To = at(to) // this test is not about the current state
		return verdict.Problems(f)
	}
	g.Expect(problems(0, 1)).To(BeEmpty())
	g.Expect(problems(5, 9)).To(ConsistOf("the API server did not answer for 11.0 s: no answer"))
	g.Expect(problems(13, 19)).To(BeEmpty())
	g.Expect(problems(14, 21)).To(ConsistOf(HavePrefix("node w1 is not Ready")))
	m.note(at(30), at(35), nil, errors.New("no answer"))
	g.Expect(problems(31, 34)).To(ConsistOf(HavePrefix("the API server did not answer")), "a current outage")

	g.Expect(m.alive.Err()).NotTo(HaveOccurred())
	m.note(at(205), at(210), nil, errors.New("no answer"))
	g.Expect(context.Cause(m.alive)).To(MatchError("the cluster is lost: its API server has not answered for 3m0s: no answer"))
}

func TestTheMonitorRecordsChangesOfNodes(t *testing.T) {
	g := NewWithT(t)
	named := func(name string) corev1.Node { return corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}} }
	w1, w2, w3 := named("w1"), named("w2"), named("w3")
	cordoned := named("w1")
	cordoned.Spec.Unschedulable = true
	begin := time.Now()
	at := func(second int) time.Time { return begin.Add(time.Duration(second) * time.Second) }
	m := newMonitor(fake.NewClientset(&w1, &w2, &w3))
	m.note(at(0), at(0), &corev1.NodeList{Items: []corev1.Node{w1, w2}}, nil)
	m.note(at(1), at(1), &corev1.NodeList{Items: []corev1.Node{cordoned, w2}}, nil)
	m.note(at(2), at(2), &corev1.NodeList{Items: []corev1.Node{cordoned, w3}}, nil) // w3 has joined, which is no trouble
	m.note(at(3), at(3), &corev1.NodeList{Items: []corev1.Node{w1, w2, w3}}, nil)

	nodes := func(from, to int) []verdict.NodeTrouble { return m.Facts(t.Context(), at(from), at(to)).Nodes }
	g.Expect(nodes(0, 0)).To(BeEmpty())
	g.Expect(nodes(0, 1)).To(ConsistOf(verdict.NodeTrouble{Node: "w1", Why: "was cordoned during the run"}))
	g.Expect(nodes(1, 3)).To(ConsistOf(HaveField("Node", "w1"), verdict.NodeTrouble{Node: "w2", Why: "was removed during the run"}))
	g.Expect(nodes(3, 9)).To(BeEmpty())
}

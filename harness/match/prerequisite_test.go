package match_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"
	"github.com/onsi/gomega/types"
	corev1 "k8s.io/api/core/v1"

	. "github.com/noteproof/noteproof/harness/match"
)

func TestIsPrerequisite(t *testing.T) {
	pods := []corev1.Pod{pod("a", nil), pod("b", nil)}
	type node struct {
		types.GomegaMatcher
		next *node
	}
	circle := &node{GomegaMatcher: HaveLen(1)}
	circle.next = circle
	for name, test := range map[string]struct {
		matcher types.GomegaMatcher
		want    bool
	}{
		"BeReady":             {BeReady(), true},
		"BeRunning":           {BeRunning(), true},
		"And":                 {And(BeOnNode("a"), BeReady()), true},
		"Or":                  {Or(BeOnNode("a"), BeReady()), true},
		"Not":                 {Not(BeReady()), true},
		"ConsistOf":           {ConsistOf(BeOnNode("a"), BeReady()), true},
		"ConsistOf a slice":   {ConsistOf([]any{BeOnNode("a"), BeReady()}), true},
		"ContainElement":      {ContainElement(BeReady()), true},
		"ContainElements":     {ContainElements(BeReady(), BeOnNode("a")), true},
		"HaveExactElements":   {HaveExactElements(BeReady(), BeOnNode("a")), true},
		"HaveEach":            {HaveEach(BeReady()), true},
		"HaveField":           {HaveField("X", BeReady()), true},
		"HaveKeyWithValue":    {HaveKeyWithValue("a", BeReady()), true},
		"WithTransform":       {WithTransform(func(p corev1.Pod) corev1.Pod { return p }, BeReady()), true},
		"gstruct":             {gstruct.MatchFields(gstruct.IgnoreExtras, gstruct.Fields{"X": BeReady()}), true},
		"deep inside":         {ConsistOf(And(Not(BeAmong(pods)), Or(BeOnNode("a"), Not(BeReady())))), true},
		"another of ours":     {BeAmong(pods), false},
		"restarts":            {HaveNotRestartedSince(pods), false},
		"a composition":       {ConsistOf(And(Not(BeAmong(pods)), Or(BeOnNode("a"), BeUnschedulable()))), false},
		"gomega's own":        {HaveLen(3), false},
		"of values":           {ConsistOf(pods[0], pods[1]), false},
		"Equal":               {Equal(pods), false},
		"one without an end":  {circle, false},
		"none":                {nil, false},
		"gstruct without one": {gstruct.MatchFields(gstruct.IgnoreExtras, gstruct.Fields{"X": HaveLen(1)}), false},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(IsPrerequisite(test.matcher)).To(Equal(test.want))
		})
	}
}

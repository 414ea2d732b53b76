package stage

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	podsecurity "k8s.io/pod-security-admission/api"

	"github.com/noteproof/noteproof/harness/probe"
)

// adapted returns the Pod of a manifest's object after it was adapted.
func adapted(t *testing.T, a Adaptation, text string) *corev1.Pod {
	t.Helper()
	g := NewWithT(t)
	object, err := decodeUntyped([]byte(text))
	g.Expect(err).NotTo(HaveOccurred())
	a.Apply(object)
	pod := &corev1.Pod{}
	g.Expect(runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(podOf(object).Object, pod, true)).To(Succeed())
	return pod
}

const deployment = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {spec: {" +
	"initContainers: [{name: first, image: a}], containers: [{name: web, image: a, resources: {requests: {memory: 2Gi}}}, {name: other, image: a, resources: {limits: {memory: 8Mi}}}]}}}}"

func TestAnAdaptedPodMeetsPodSecurityRestricted(t *testing.T) {
	g := NewWithT(t)
	restricted := podsecurity.LevelVersion{Level: podsecurity.LevelRestricted, Version: podsecurity.LatestVersion()}
	violations := func(pod *corev1.Pod) (reasons []string) {
		for _, check := range baseline.EvaluatePod(restricted, &metav1.ObjectMeta{}, &pod.Spec) {
			if !check.Allowed {
				reasons = append(reasons, check.ForbiddenReason)
			}
		}
		return reasons
	}
	g.Expect(violations(adapted(t, Adaptation{}, deployment))).NotTo(BeEmpty())
	pod := adapted(t, Adaptation{Restricted: true, User: Nobody}, deployment)
	g.Expect(violations(pod)).To(BeEmpty())
	g.Expect(*pod.Spec.SecurityContext.RunAsUser).To(BeEquivalentTo(Nobody))

	own := adapted(t, Adaptation{Restricted: true, User: Nobody}, "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {securityContext: {runAsUser: 7}, containers: "+
		"[{name: a, image: a, securityContext: {privileged: true}}]}}")
	g.Expect(*own.Spec.SecurityContext.RunAsUser).To(BeEquivalentTo(7), "what a manifest sets is kept")
	g.Expect(own.Spec.Containers[0].SecurityContext.AllowPrivilegeEscalation).To(BeNil())
}

func TestLimitsAreAddedWhereThereAreNone(t *testing.T) {
	g := NewWithT(t)
	pod := adapted(t, Adaptation{Limits: []corev1.ResourceName{corev1.ResourceMemory}}, deployment)
	memory := func(c corev1.Container) []string {
		return []string{c.Resources.Requests.Memory().String(), c.Resources.Limits.Memory().String()}
	}
	g.Expect(memory(pod.Spec.InitContainers[0])).To(Equal([]string{"32Mi", "256Mi"}))
	g.Expect(memory(pod.Spec.Containers[0])).To(Equal([]string{"2Gi", "2Gi"}), "no lower than the request")
	g.Expect(memory(pod.Spec.Containers[1])).To(Equal([]string{"0", "8Mi"}), "as it is")
	g.Expect(pod.Spec.Containers[0].Resources.Limits.Cpu().IsZero()).To(BeTrue())
}

func TestAnInjectedContainerDoesNotTakeThePlaceOfTheManifests(t *testing.T) {
	g := NewWithT(t)
	pod := adapted(t, Adaptation{}, deployment)
	pod.Spec.Containers = append([]corev1.Container{{Name: "mesh-proxy"}}, pod.Spec.Containers...)
	g.Expect(probe.MainContainer(pod)).To(Equal("web"))
	g.Expect([]bool{probe.OfManifest(pod, "mesh-proxy"), probe.OfManifest(pod, "other"), probe.OfManifest(pod, "first")}).To(Equal([]bool{false, true, true}))
	g.Expect(probe.OfManifest(&corev1.Pod{}, "any")).To(BeTrue(), "on a cluster of our own")
}

func TestDaemonSetsRunOnTheNodesThatClaimsLookAt(t *testing.T) {
	g := NewWithT(t)
	const spec = "spec: {template: {spec: {containers: [{name: a, image: a}]}}}}"
	a := Adaptation{Nodes: []string{"b", "a"}, Linux: true}
	pod := adapted(t, a, "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a}, "+spec)
	terms := pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms
	g.Expect(terms).To(HaveLen(2), "a term allows one node")
	for i, name := range a.Nodes {
		g.Expect(terms[i].MatchFields).To(ConsistOf(corev1.NodeSelectorRequirement{Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{name}}))
	}
	g.Expect(pod.Spec.NodeSelector).To(HaveKeyWithValue(corev1.LabelOSStable, "linux"))
	g.Expect(adapted(t, a, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, "+spec).Spec.Affinity).To(BeNil())
	g.Expect(adapted(t, a, "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {nodeName: some-node, containers: [{name: a}]}}").Spec.NodeSelector).To(BeEmpty())
}

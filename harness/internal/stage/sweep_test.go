package stage

import (
	"context"
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func TestTheFolderIsRemovedFromEachNode(t *testing.T) {
	g := NewWithT(t)
	var removed []string
	s := &Stage{props: Props{Workers: []string{"w1", "w2"}, ownName: "np-volume-x-abcde"}}
	s.options.RemoveOnNode = func(_ context.Context, node, path string) error {
		removed = append(removed, node+":"+path)
		if node == "w1" {
			return errors.New("w1 is away")
		}
		return nil
	}
	g.Expect(s.sweepNodes(t.Context())).To(MatchError("remove /var/tmp/np-volume-x-abcde from the nodes: w1 is away"))
	g.Expect(removed).To(Equal([]string{"w1:/var/tmp/np-volume-x-abcde", "w2:/var/tmp/np-volume-x-abcde"}))
}

func TestOnlyNodesWithPodsAreSwept(t *testing.T) {
	g := NewWithT(t)
	on := func(name, node string) *corev1.Pod {
		return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "np-x", Name: name}, Spec: corev1.PodSpec{NodeName: node}}
	}
	client := fake.NewClientset(on("first", "w1"))
	v := &visited{}
	all := []string{"w1", "w2", "w3"}
	g.Expect(v.among(all)).To(Equal(all), "nothing was watched")
	g.Expect(v.watch(client, "np-x")).To(Succeed())
	defer v.stop()
	g.Eventually(func() []string { return v.among(all) }).Should(Equal([]string{"w1"}))
	_, err := client.CoreV1().Pods("np-x").Create(t.Context(), on("second", ""), metav1.CreateOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	_, err = client.CoreV1().Pods("np-x").Update(t.Context(), on("second", "w3"), metav1.UpdateOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(client.CoreV1().Pods("np-x").Delete(t.Context(), "second", metav1.DeleteOptions{})).To(Succeed())
	g.Eventually(func() []string { return v.among(all) }).Should(Equal([]string{"w1", "w3"}))
	v.missed = true
	g.Expect(v.among(all)).To(Equal(all))
}

func TestASweeperEndsBesideAnInjectedContainer(t *testing.T) {
	g := NewWithT(t)
	with := func(code int32) corev1.Pod {
		running := corev1.ContainerStatus{Name: "proxy", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}
		ended := corev1.ContainerStatus{Name: sweeperContainer, State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code}}}
		return corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{running, ended}}}
	}
	g.Expect(hasSwept(with(0))).To(BeTrue())
	g.Expect(hasSwept(with(1))).To(BeFalse())
	g.Expect(hasSwept(corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodRunning}})).To(BeFalse())
}

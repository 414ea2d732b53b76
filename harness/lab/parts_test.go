package lab

import (
	"errors"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/noteproof/noteproof/harness/internal/verdict"
)

func onNodes(namespace, name string, ready int32) *appsv1.DaemonSet {
	return &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Status: appsv1.DaemonSetStatus{DesiredNumberScheduled: 3, NumberReady: ready},
	}
}

func TestAPartThatWasAwayAndIsBackIsAProblemOfThatTime(t *testing.T) {
	g := NewWithT(t)
	client := fake.NewClientset(onNodes("kube-system", "kube-proxy", 2), onNodes("calico-system", "calico-node", 3), onNodes("monitoring", "exporter", 0))
	m, begin := newMonitor(client), time.Now()
	m.watchParts(t.Context())
	g.Expect(m.namespaces).To(ConsistOf("kube-system", "calico-system", balancerNamespace))

	_, err := client.AppsV1().DaemonSets("kube-system").Update(t.Context(), onNodes("kube-system", "kube-proxy", 3), metav1.UpdateOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	present, troubles, unlisted := m.partsBetween(t.Context(), begin, time.Now())
	g.Expect(unlisted).NotTo(HaveOccurred())
	g.Expect(present).To(ConsistOf(verdict.ServiceProxy, verdict.PodNetwork))
	g.Expect(troubles).To(ConsistOf(verdict.PartTrouble{Part: verdict.ServiceProxy, Why: "kube-proxy: DaemonSet kube-proxy is ready on 2 of 3 nodes", At: m.parts[0].at, Nodes: 1}))

	_, troubles, _ = m.partsBetween(t.Context(), time.Now(), time.Now())
	g.Expect(troubles).To(BeEmpty(), "what is over before an answer does not explain it")
}

func TestPartsThatCannotBeListedAreUnknown(t *testing.T) {
	for name, namespace := range map[string]string{"in any namespace": metav1.NamespaceAll, "in kube-system": metav1.NamespaceSystem} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client := fake.NewClientset(onNodes("kube-system", "kube-proxy", 3))
			client.PrependReactor("list", "daemonsets", func(action clienttesting.Action) (bool, runtime.Object, error) {
				return action.GetNamespace() == namespace, nil, apierrors.NewForbidden(appsv1.Resource("daemonsets"), "", errors.New("no permission"))
			})
			m := newMonitor(client)
			m.watchParts(t.Context())
			m.partsAsked = time.Time{}
			m.watchParts(t.Context())
			facts := m.Facts(t.Context(), time.Now(), time.Now())
			g.Expect(facts.UnknownParts).To(ContainSubstring("no permission"))
			g.Expect(m.namespaces).To(ContainElement("kube-system"))
		})
	}
}

func TestPartsAreNotLookedAtWithEachPulse(t *testing.T) {
	m := newMonitor(fake.NewClientset())
	m.watchParts(t.Context())
	m.watchParts(t.Context())
	NewWithT(t).Expect(m.parts).To(HaveLen(1))
}

package lab

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/noteproof/noteproof/harness/internal/verdict"
)

func TestTheMonitorRecordsLeadersThatDoNotRenew(t *testing.T) {
	g := NewWithT(t)
	begin := time.Now().Add(-time.Hour)
	at := func(second int) time.Time { return begin.Add(time.Duration(second) * time.Second) }
	m := newMonitor(fake.NewClientset())
	// The clock of the cluster is one day slow.
	renewed := func(now int, name string, renewal int) {
		lease := coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: name}}
		lease.Spec.RenewTime = &metav1.MicroTime{Time: at(renewal).Add(-24 * time.Hour)}
		m.noteLeases(at(now), []coordinationv1.Lease{lease, {ObjectMeta: metav1.ObjectMeta{Name: "kube-scheduler"}}})
	}
	lapses := func(from, to int) []string {
		f := m.Facts(t.Context(), at(from), at(to))
		f.To = at(to)
		return verdict.Problems(f)
	}
	for second := range 60 {
		renewed(second, "someone-else", 0)
		renewed(second, "kube-scheduler", 0) // left over from before
		if second < 20 || second >= 50 {
			renewed(second, "kube-controller-manager", second)
		} else {
			renewed(second, "kube-controller-manager", 19)
		}
		if second == 40 {
			g.Expect(lapses(35, 40)).To(ConsistOf("kube-controller-manager did not renew its Lease for 21.0 s"), "a current outage")
		}
	}
	g.Expect(m.working()).To(ConsistOf("kube-controller-manager"))
	g.Expect(lapses(0, 19)).To(BeEmpty())
	g.Expect(lapses(48, 55)).To(ConsistOf("kube-controller-manager did not renew its Lease for 30.0 s"))
	g.Expect(lapses(50, 59)).To(BeEmpty())
}

func TestALeaderThatRenewsLateWorks(t *testing.T) {
	g := NewWithT(t)
	m, begin := newMonitor(fake.NewClientset()), time.Now().Add(-time.Hour)
	for second := 0; second <= 60; second += int(lapsedAfter.Seconds()) {
		now := begin.Add(time.Duration(second) * time.Second)
		m.noteLeases(now, []coordinationv1.Lease{{ObjectMeta: metav1.ObjectMeta{Name: leading[0]}, Spec: coordinationv1.LeaseSpec{RenewTime: &metav1.MicroTime{Time: now}}}})
	}
	g.Expect(m.outages).To(BeEmpty())
	g.Expect(m.lapses()).To(BeEmpty())
}

func TestForbiddenLeasesAreListedOnce(t *testing.T) {
	g := NewWithT(t)
	client, asked := fake.NewClientset(), 0
	client.PrependReactor("list", "leases", func(clienttesting.Action) (bool, runtime.Object, error) {
		asked++
		return true, nil, apierrors.NewForbidden(coordinationv1.SchemeGroupVersion.WithResource("leases").GroupResource(), "", nil)
	})
	m := newMonitor(client)
	m.watchLeaders(t.Context())
	m.watchLeaders(t.Context())
	g.Expect(asked).To(Equal(1))
}

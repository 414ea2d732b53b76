package lab

import (
	"context"
	"slices"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/internal/verdict"
)

// leading are the components of the control plane that work only while they hold the Lease of the same name in kube-system
// (Kubernetes docs, "Leases").
var leading = [...]string{"kube-controller-manager", "kube-scheduler"}

// lapsedAfter is how long a Lease may stay without renewal: a leader renews it every 2 s and gives up after 10 s
// (--leader-elect-retry-period, --leader-elect-renew-deadline).
const lapsedAfter = 10 * time.Second

// leader is what is known of the holder of a Lease.
type leader struct {
	renewed metav1.MicroTime // by the holder's clock
	seen    time.Time        // when this renewal was first seen, by this machine's clock
	// works is set if a renewal of the Lease was seen. A Lease that is never renewed may be left over from before.
	works  bool
	lapsed *verdict.Outage // the current time without a renewal; nil if there is none
}

// watchLeaders looks at the Leases. It stops looking if the account has no permission to list them.
func (m *monitor) watchLeaders(ctx context.Context) {
	if m.leasesForbidden {
		return
	}
	leases, err := m.client.CoordinationV1().Leases(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if err == nil {
		m.noteLeases(time.Now(), leases.Items)
	}
	m.leasesForbidden = apierrors.IsForbidden(err)
}

func (m *monitor) noteLeases(now time.Time, leases []coordinationv1.Lease) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, lease := range leases {
		renewed := lease.Spec.RenewTime
		if renewed == nil || !slices.Contains(leading[:], lease.Name) {
			continue
		}
		last := m.leaders[lease.Name]
		switch {
		case last == nil:
			m.leaders[lease.Name] = &leader{renewed: *renewed, seen: now}
		case !renewed.Equal(&last.renewed):
			if last.lapsed != nil {
				m.outages = append(m.outages, *last.lapsed)
			}
			m.leaders[lease.Name] = &leader{renewed: *renewed, seen: now, works: true}
		case last.works && now.Sub(last.seen) > lapsedAfter:
			last.lapsed = &verdict.Outage{What: lease.Name + " did not renew its Lease", From: last.seen, To: now}
		}
	}
}

// working returns the leaders that were seen to work. The caller holds the lock.
func (m *monitor) working() []string {
	return slices.DeleteFunc(slices.Clone(leading[:]), func(name string) bool { return m.leaders[name] == nil || !m.leaders[name].works })
}

// lapses returns the current times without a leader. The caller holds the lock.
func (m *monitor) lapses() []verdict.Outage {
	var all []verdict.Outage
	for _, name := range leading {
		if known := m.leaders[name]; known != nil && known.lapsed != nil {
			all = append(all, *known.lapsed)
		}
	}
	return all
}

package lab

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/suite"
)

const (
	// pulseEvery is how often the monitor lists the nodes, which also shows whether the API server answers.
	pulseEvery = time.Second
	// pulseWithin is how long the API server may take to answer the monitor. A slower answer counts as none.
	pulseWithin = 5 * time.Second
	// lostAfter is how long the API server may not answer until the cluster counts as lost and the run ends.
	lostAfter = 3 * time.Minute

	noAnswer = "the API server did not answer"
)

// monitor watches the state of the cluster while scenarios run, so that short problems are known afterwards.
type monitor struct {
	client kubernetes.Interface
	stop   context.CancelFunc
	ended  chan struct{}
	// alive ends, with the cause, when the cluster is lost.
	alive context.Context
	lost  context.CancelCauseFunc

	// spare is the spare worker; empty if there is none.
	spare string
	// threads returns the number of runnable threads of the cluster's machine; nil if that is unknown.
	threads func() (int, error)

	mu       sync.Mutex
	counts   []threadCount
	outages  []verdict.Outage
	away     *verdict.Outage        // the current outage of the API server; nil while it answers
	first    map[string]corev1.Node // each node as it was first seen
	troubled []troubledNode
	leaders  map[string]*leader

	// namespaces are those that have parts of the cluster; nil until they are known.
	namespaces []string
	parts      []partsSeen
	unlisted   error // why parts in other namespaces may be unknown

	// Used only by the goroutine of run.
	leasesForbidden bool
	partsAsked      time.Time
}

// troubledNode is a node that was seen in trouble.
type troubledNode struct {
	at time.Time
	verdict.NodeTrouble
}

// startMonitor starts the monitor. The caller must call Stop.
func (l *Lab) startMonitor(ctx context.Context) (*monitor, error) {
	config := rest.CopyConfig(l.rest)
	config.Timeout = pulseWithin
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("connect the monitor: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	m := newMonitor(client)
	m.stop, m.spare = stop, l.spare
	if nodesAreHere(ctx, client) {
		m.threads = runnable
	}
	go m.run(ctx)
	return m, nil
}

func newMonitor(client kubernetes.Interface) *monitor {
	m := &monitor{client: client, ended: make(chan struct{}), first: map[string]corev1.Node{}, leaders: map[string]*leader{}}
	m.alive, m.lost = context.WithCancelCause(context.Background())
	return m
}

// Stop stops the monitor and waits until it has ended. The receiver may be nil.
func (m *monitor) Stop() {
	if m != nil {
		m.stop()
		<-m.ended
	}
}

func (m *monitor) run(ctx context.Context) {
	defer close(m.ended)
	pulse := time.NewTicker(pulseEvery)
	defer pulse.Stop()
	for {
		asked := time.Now()
		// A list from the watch cache is the cheapest request that shows that the server answers.
		nodes, err := m.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{ResourceVersion: "0"})
		if ctx.Err() != nil {
			return
		}
		if apierrors.IsForbidden(err) { // an answer all the same
			nodes, err = &corev1.NodeList{}, nil
		}
		m.note(asked, time.Now(), nodes, err)
		if err == nil {
			m.watchLeaders(ctx)
			m.watchParts(ctx)
		}
		m.countThreads(time.Now())
		select {
		case <-ctx.Done():
			return
		case <-pulse.C:
		}
	}
}

func (m *monitor) note(asked, now time.Time, nodes *corev1.NodeList, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		if m.away == nil {
			m.away = &verdict.Outage{What: noAnswer, From: asked, Why: err.Error()}
		}
		m.away.To = now
		if away := now.Sub(m.away.From); away >= lostAfter {
			m.lost(fmt.Errorf("the cluster is lost: its API server has not answered for %s: %s", away.Round(time.Second), m.away.Why))
		}
		return
	}
	if m.away != nil {
		m.outages, m.away = append(m.outages, *m.away), nil
	}
	for _, trouble := range m.troubles(nodes.Items) {
		m.troubled = append(m.troubled, troubledNode{now, trouble})
	}
}

// troubles returns what is wrong with nodes now, and how they changed since they were first seen. The caller holds the lock.
func (m *monitor) troubles(nodes []corev1.Node) []verdict.NodeTrouble {
	var all []verdict.NodeTrouble
	present := map[string]bool{}
	for _, node := range nodes {
		present[node.Name] = true
		before, known := m.first[node.Name]
		if !known {
			before, m.first[node.Name] = node, node
		}
		if why := cmp.Or(verdict.NodeProblem(&node), verdict.NodeChange(&before, &node)); why != "" {
			all = append(all, verdict.NodeTrouble{Node: node.Name, Why: why})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.first)) {
		if !present[name] {
			all = append(all, verdict.NodeTrouble{Node: name, Why: "was removed during the run"})
		}
	}
	return all
}

// Facts returns what is known of the cluster between two times, and its current state, for which it asks the API server.
func (m *monitor) Facts(ctx context.Context, from, to time.Time) verdict.Facts {
	f := verdict.Facts{From: from, To: to}
	asked := time.Now()
	nodes, err := m.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	m.mu.Lock()
	for _, trouble := range m.troubled {
		if !trouble.at.Before(from) && !trouble.at.After(to) {
			f.Nodes = append(f.Nodes, trouble.NodeTrouble)
		}
	}
	switch {
	case err == nil:
		f.Nodes = append(f.Nodes, m.troubles(nodes.Items)...)
	case apierrors.IsForbidden(err):
		f.Unknown = append(f.Unknown, "whether nodes were whole is unknown: "+err.Error())
	default:
		f.Outages = append(f.Outages, verdict.Outage{What: noAnswer, From: asked, To: time.Now(), Why: err.Error()})
	}
	f.Nodes = onePerNode(f.Nodes)
	f.Outages = append(f.Outages, m.outages...)
	if m.away != nil {
		f.Outages = append(f.Outages, *m.away)
	}
	f.Outages = append(f.Outages, m.lapses()...)
	f.Leading = m.working()
	f.Unwatched = slices.DeleteFunc(slices.Clone(leading[:]), func(name string) bool { return slices.Contains(f.Leading, name) })
	m.mu.Unlock()
	var unlisted error
	f.Present, f.Parts, unlisted = m.partsBetween(ctx, from, to)
	if unlisted != nil {
		f.UnknownParts = unlisted.Error()
	}
	f.To = time.Now() // what is wrong now counts, too
	return f
}

// healthOf returns the function by which a scenario finds out about the state of the cluster.
func (l *Lab) healthOf(s suite.Scenario) func(ctx context.Context, from, to time.Time) verdict.Facts {
	return func(ctx context.Context, from, to time.Time) verdict.Facts {
		facts := l.monitor.Facts(ctx, from, to)
		facts.Usual = l.added
		if !s.Asks(claim.BreakNodes) {
			facts.Spare = l.spare
		}
		return facts
	}
}

// onePerNode keeps the first trouble of each node, since later ones usually follow from it.
func onePerNode(troubles []verdict.NodeTrouble) []verdict.NodeTrouble {
	seen := map[string]bool{}
	return slices.DeleteFunc(troubles, func(t verdict.NodeTrouble) bool {
		repeated := seen[t.Node]
		seen[t.Node] = true
		return repeated
	})
}

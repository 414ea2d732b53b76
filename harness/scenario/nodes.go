package scenario

import (
	"context"
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientretry "k8s.io/client-go/util/retry"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/internal/retry"
	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/probe"
)

// Node is a node of the cluster.
type Node struct {
	Name    string
	Address string // on the nodes' network
}

// Port returns the URL of a port of the node itself.
func (n Node) Port(port int32) string { return url(n.Address, port) }

// Of returns those of the Pods that are on the node.
func (n Node) Of(pods []corev1.Pod) []corev1.Pod {
	elsewhere := func(pod corev1.Pod) bool { return pod.Spec.NodeName != n.Name }
	return slices.DeleteFunc(slices.Clone(pods), elsewhere)
}

// Names returns the names of nodes.
func Names(nodes []Node) []string {
	names := make([]string, len(nodes))
	for i, node := range nodes {
		names[i] = node.Name
	}
	return names
}

// Nodes returns all nodes of the cluster that run Linux, including those that take no Pods, except a spare worker, which another claim
// may have stopped. Of an existing cluster it returns a few that were Ready when the run began, on which DaemonSets of the claim
// run. The claim is inconclusive if one of them is not Ready, is under pressure or has no internal address.
func (s *S) Nodes() []Node {
	s.t.Helper()
	list, err := s.cluster.Client.CoreV1().Nodes().List(s.ctx, metav1.ListOptions{LabelSelector: corev1.LabelOSStable + "=linux"})
	if err != nil {
		s.abort("list the nodes: %v", err)
	}
	var nodes []Node
	for i := range list.Items {
		node := &list.Items[i]
		if cluster.IsSpare(*node) || !s.concerns(node.Name) {
			continue
		}
		if why := verdict.NodeProblem(node); why != "" {
			s.abort("node %s %s", node.Name, why)
		}
		address := cluster.InternalAddress(*node)
		if address == "" {
			s.abort("node %s has no internal address", node.Name)
		}
		nodes = append(nodes, Node{node.Name, address})
	}
	return nodes
}

// concerns returns whether the claim looks at a node.
func (s *S) concerns(node string) bool {
	adaptation := s.run.Props.Adaptation
	return adaptation == nil || len(adaptation.Nodes) == 0 || slices.Contains(adaptation.Nodes, node)
}

// NodeOf returns the node that a Pod is on. The claim is inconclusive if the node is not Ready or has no internal address.
func (s *S) NodeOf(pod corev1.Pod) Node {
	s.t.Helper()
	node, err := s.cluster.Client.CoreV1().Nodes().Get(s.ctx, pod.Spec.NodeName, metav1.GetOptions{})
	if err != nil {
		s.abort("find the node of Pod %s: %v", pod.Name, err)
	}
	if why := verdict.NodeProblem(node); why != "" {
		s.abort("node %s %s", node.Name, why)
	}
	address := cluster.InternalAddress(*node)
	if address == "" {
		s.abort("node %s has no internal address", node.Name)
	}
	return Node{node.Name, address}
}

// Node returns the name of the node that manifests call "worker-1", "worker-2" and so on.
func (s *S) Node(called string) string {
	s.t.Helper()
	for i, name := range s.run.Props.Workers {
		if called == fmt.Sprintf("worker-%d", i+1) {
			return name
		}
	}
	s.abort("the scenario is wrong: there is no node %s", called)
	return ""
}

// NodeReady looks at the condition Ready of a node; the answer is a corev1.ConditionStatus.
func (s *S) NodeReady(name string) probe.Look { return s.cluster.NodeReady(name) }

// StopNode stops a worker at once, like a machine that loses power. When the scenario ends, the node is started again and the
// cluster must become whole; the claim is inconclusive if it does not. A claim that stops nodes needs claim.BreakNodes. It
// runs alone unless the cluster has a spare worker, which its Pods should prefer and tolerate.
func (s *S) StopNode(name string) {
	s.t.Helper()
	s.mustNeed(claim.BreakNodes)
	if s.run.Spare != "" && name != s.run.Spare {
		s.abort("the scenario would stop the node %s, on which other claims depend, instead of the spare worker %s", name, s.run.Spare)
	}
	s.beforeChange()
	delete(s.restarted, name) // which is so if it was stopped before
	s.stopped = append(s.stopped, name)
	s.t.Cleanup(func() {
		if s.restarted[name] {
			return
		}
		if err := s.startNode(name); err != nil {
			s.markInconclusive("the cluster is not whole again: %v", err)
			s.cleanupFailed(err)
		}
	})
	if err := s.run.Cluster.StopNode(s.ctx, name); err != nil {
		s.abort("%v", err)
	}
}

// StartNode starts a node that StopNode has stopped, and waits until the cluster is whole again.
func (s *S) StartNode(name string) {
	s.t.Helper()
	if err := s.startNode(name); err != nil {
		s.abort("%v", err)
	}
	if s.restarted == nil {
		s.restarted = map[string]bool{}
	}
	s.restarted[name] = true
}

func (s *S) startNode(name string) error {
	ctx, cancel := context.WithTimeout(s.cleaning(), s.run.Timeouts.NodeLoss)
	defer cancel()
	return s.run.Cluster.StartNode(ctx, name)
}

// outOfService is the taint with which an administrator says that a node is down and stays down (Kubernetes docs, "Non-graceful
// node shutdown handling").
var outOfService = corev1.Taint{Key: corev1.TaintNodeOutOfService, Value: "nodeshutdown", Effect: corev1.TaintEffectNoExecute}

// DeclareOutOfService gives a stopped node the taint node.kubernetes.io/out-of-service, and returns a function that removes it. The
// taint is removed at the end of the scenario at the latest, before the node is started. Pods of the node that do not tolerate it
// are deleted, those of others too.
func (s *S) DeclareOutOfService(name string) (remove func()) {
	s.t.Helper()
	if !slices.Contains(s.stopped, name) {
		s.abort("the scenario is wrong: it declares node %s out of service, which it has not stopped", name)
	}
	if err := s.setTaint(s.ctx, name, true); err != nil {
		s.abort("%v", err)
	}
	once := sync.OnceValue(func() error {
		ctx, cancel := s.cleanupContext()
		defer cancel()
		return s.setTaint(ctx, name, false)
	})
	s.t.Cleanup(func() {
		if err := once(); err != nil {
			s.cleanupFailed(err)
		}
	})
	return func() {
		s.t.Helper()
		if err := once(); err != nil {
			s.abort("%v", err)
		}
	}
}

// setTaint adds the taint outOfService to a node, or removes it.
func (s *S) setTaint(ctx context.Context, name string, wanted bool) error {
	err := retry.Do(ctx, func(ctx context.Context) error {
		return clientretry.RetryOnConflict(clientretry.DefaultBackoff, func() error {
			node, err := s.cluster.Client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
			if err != nil {
				return err
			}
			node.Spec.Taints = slices.DeleteFunc(node.Spec.Taints, func(t corev1.Taint) bool { return t.Key == outOfService.Key })
			if wanted {
				node.Spec.Taints = append(node.Spec.Taints, outOfService)
			}
			_, err = s.cluster.Client.CoreV1().Nodes().Update(ctx, node, metav1.UpdateOptions{})
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("set the taint %s of node %s: %w", outOfService.Key, name, err)
	}
	return nil
}

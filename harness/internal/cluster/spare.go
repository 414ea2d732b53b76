package cluster

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
)

// SpareTaint is the key of the taint of a spare worker, and of its label. Only claims that stop a node tolerate it, so that they need
// not run alone. It has the effect NoSchedule. The owner of an existing cluster may set both, too.
const SpareTaint = "noteproof.dev/spare"

const taintSpare = `kind: JoinConfiguration
nodeRegistration:
  taints: [{key: ` + SpareTaint + `, effect: NoSchedule}]
`

// IsSpare returns whether a node is a spare worker.
func IsSpare(node corev1.Node) bool {
	if _, labelled := node.Labels[SpareTaint]; !labelled {
		return false
	}
	for _, taint := range node.Spec.Taints {
		if taint.Key == SpareTaint {
			return true
		}
	}
	return false
}

// hasSpare returns whether the cluster has a spare worker.
func (s Spec) hasSpare() bool { return s.workers() > s.Variant.workers(s.Workers) }

// spare returns the name of the spare worker, which kind names last; empty if there is none.
func (c *Cluster) spare() string {
	if !c.spec.hasSpare() {
		return ""
	}
	return fmt.Sprintf("%s-%s%d", c.spec.Name, roleWorker, c.spec.workers())
}

// like returns the Spec with a spare worker if the existing containers have one, because a cluster serves with one and without.
func (s Spec) like(existing []container) Spec {
	workers := 0
	for _, c := range existing {
		if c.isNode() && c.Role == roleWorker {
			workers++
		}
	}
	s.Spare = workers > s.Workers
	return s
}

// spareNode returns kind's configuration of a spare worker. The label lets manifests prefer it.
func spareNode(image string) v1alpha4.Node {
	return v1alpha4.Node{
		Role: v1alpha4.WorkerRole, Image: image, Labels: map[string]string{SpareTaint: "true"}, KubeadmConfigPatches: []string{taintSpare},
	}
}

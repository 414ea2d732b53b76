package lab

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/suite"
)

// missing returns what the scenario needs that the cluster does not allow or cannot do; empty if there is nothing.
func (l *Lab) missing(s suite.Scenario) string {
	if denied := l.denied(s); len(denied) > 0 {
		return denied.Error()
	}
	if l.unusable != "" {
		return l.unusable
	}
	if why := l.withoutNodes(s); why != "" {
		return why
	}
	for _, need := range s.Needs {
		if why, lacks := l.lacks[need]; lacks {
			return fmt.Sprintf("it needs %s: %s", need, why)
		}
	}
	return ""
}

// withoutNodes returns why the manifest's Pods cannot run on an existing cluster; empty if they can.
func (l *Lab) withoutNodes(s suite.Scenario) string {
	if l.cluster.own {
		return ""
	}
	manifest, err := stage.ReadManifest(l.suite.Manifests, s.ID)
	switch known := len(l.props.Workers); {
	case err != nil: // the scenario reports this error
		return ""
	case l.noPods != "" && manifest.HasPods():
		return "its Pods cannot run: " + l.noPods
	case manifest.NamesWorker(known + 1):
		return fmt.Sprintf("it names a worker-%d, and %d nodes that take Pods are known", known+1, known)
	default:
		return ""
	}
}

// asked are the permissions that a need asks of a cluster that is not our own.
var asked = map[claim.Need]environ.Permission{
	claim.ClusterMutation: environ.ClusterObjects, claim.NodeLabels: environ.NodeLabels, claim.NodeMemory: environ.NodeMemory,
	claim.OutsideMachine: environ.OutsideContainer, claim.NodeAccess: environ.BreakNodes, claim.BreakNodes: environ.BreakNodes,
}

// denied returns what the scenario demands of a cluster that is not our own, by its needs and its manifest, and that is not allowed.
func (l *Lab) denied(s suite.Scenario) stage.Denied {
	if l.cluster.own {
		return nil
	}
	var denied stage.Denied
	for _, need := range s.Needs {
		if permission, asks := asked[need]; asks && !l.settings.allowed.Allow(permission) {
			denied = append(denied, stage.Demand{Permission: permission, For: "it needs " + string(need)})
		}
	}
	manifest, err := stage.ReadManifest(l.suite.Manifests, s.ID)
	if err != nil {
		return denied // the scenario reports this error
	}
	return append(denied, manifest.Demands(l.settings.allowed.Allow)...)
}

// probeAbilities finds out what the cluster can do. A missing ability is not an error: claims that need it are not run.
func (l *Lab) probeAbilities(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(l.rest)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if len(l.props.Workers) < 2 {
		l.lacks[claim.TwoWorkers] = fmt.Sprintf("Pods can go to %v only", l.props.Workers)
	}
	if err := l.probeStorage(ctx, client); err != nil {
		return err
	}
	if !l.cluster.own {
		l.survey(ctx, client)
		l.takeNodes(ctx)
	}
	if err := l.probeLayerTwo(ctx, client); err != nil && l.cluster.own {
		return err
	} else if err != nil {
		l.lacks[claim.LayerTwoBalancer] = err.Error()
	}
	if err := l.startOutside(ctx); err != nil {
		l.lacks[claim.OutsideMachine] = err.Error()
	}
	l.probeBalancer(ctx, client)
	return ctx.Err()
}

// takeNodes makes the nodes of an existing cluster available to claims that break one, if that is allowed and one is chosen.
func (l *Lab) takeNodes(ctx context.Context) {
	if !l.settings.allowed.Allow(environ.BreakNodes) || !anyNeeds(l.chosen(), claim.NodeAccess, claim.BreakNodes) {
		return
	}
	e, err := l.engine(ctx)
	if err == nil {
		err = l.cluster.TakeNodes(ctx, e)
	}
	if err != nil {
		why := fmt.Sprintf("NOTEPROOF_ALLOW permits it, but the nodes cannot be reached: %v", err)
		l.lacks[claim.NodeAccess], l.lacks[claim.BreakNodes] = why, why
	}
}

// namespaceTaken returns why the run cannot create a namespace of this name; empty if it can.
func (l *Lab) namespaceTaken(ctx context.Context, name string) string {
	client, err := kubernetes.NewForConfig(l.rest)
	if err != nil {
		return "" // the scenario will report this error
	}
	if _, err := client.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{}); err != nil {
		return ""
	}
	return fmt.Sprintf("it needs to create the namespace %s, which exists already", name)
}

// defaultClass is the annotation of the StorageClass for PersistentVolumeClaims without a class (Kubernetes docs,
// "Storage Classes").
const defaultClass = "storageclass.kubernetes.io/is-default-class"

func (l *Lab) probeStorage(ctx context.Context, client kubernetes.Interface) error {
	if !anyNeeds(l.chosen(), claim.StorageClass) {
		return nil
	}
	classes, err := client.StorageV1().StorageClasses().List(ctx, metav1.ListOptions{})
	if err != nil && !l.cluster.own {
		l.lacks[claim.StorageClass] = err.Error()
		return nil
	}
	if err != nil {
		return fmt.Errorf("list the StorageClasses: %w", err)
	}
	for _, class := range classes.Items {
		if class.Annotations[defaultClass] == "true" {
			return nil
		}
	}
	l.lacks[claim.StorageClass] = "no StorageClass is the default"
	return nil
}

package lab

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/environ"
)

// missing returns which of the needs the cluster does not meet and why; empty if it meets all.
func (l *Lab) missing(needs []claim.Need) string {
	for _, need := range needs {
		if why, lacks := l.lacks[need]; lacks {
			return fmt.Sprintf("it needs %s: %s", need, why)
		}
	}
	return ""
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
		l.probePermissions(ctx)
	}
	if err := l.probeLayerTwo(ctx, client); err != nil {
		return err
	}
	if err := l.startOutside(ctx); err != nil {
		l.lacks[claim.OutsideMachine] = err.Error()
	}
	l.probeBalancer(ctx, client)
	return ctx.Err()
}

// probePermissions finds out what may and can be done to an existing cluster.
func (l *Lab) probePermissions(ctx context.Context) {
	refused := func(missing environ.Permission) string {
		return fmt.Sprintf("the cluster is not noteproof's own, and NOTEPROOF_ALLOW=%s was not given", missing)
	}
	if !l.settings.allowed[environ.ChangeCluster] {
		l.lacks[claim.ClusterMutation] = refused(environ.ChangeCluster)
	}
	why := refused(environ.BreakNodes)
	if l.settings.allowed[environ.BreakNodes] {
		e, err := l.engine(ctx)
		if err == nil {
			err = l.cluster.TakeNodes(ctx, e)
		}
		if err == nil {
			return
		}
		why = fmt.Sprintf("NOTEPROOF_ALLOW permits it, but the nodes cannot be reached: %v", err)
	}
	l.lacks[claim.NodeAccess], l.lacks[claim.BreakNodes] = why, why
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
	if apierrors.IsForbidden(err) {
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

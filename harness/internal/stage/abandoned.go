package stage

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
)

// Swept is what SweepCluster did.
type Swept struct {
	// Removed are the objects that were removed, with whose they were.
	Removed []string
	// InUse are the objects of runs that may still be there.
	InUse []string
}

// found is an object of a run.
type found struct {
	kind schema.GroupVersionResource
	*metav1.PartialObjectMetadata
}

func (f found) String() string { return f.kind.GroupResource().String() + "/" + f.Name }

// SweepCluster removes from an existing cluster what runs have left there that are not there any more: namespaces and other cluster-scoped
// objects, labels of nodes, and folders on nodes, by Pods of this workload image. It leaves what a run may still use, and everything that
// is not noteproof's. What the account may not list is not looked at. The error says what could not be removed.
func SweepCluster(ctx context.Context, config *rest.Config, image string) (Swept, error) {
	s := clusterSweep{now: time.Now(), image: image}
	var err error
	if s.client, err = kubernetes.NewForConfig(config); err != nil {
		return s.swept, fmt.Errorf("connect: %w", err)
	}
	if s.objects, err = metadata.NewForConfig(config); err != nil {
		return s.swept, fmt.Errorf("connect: %w", err)
	}
	all, err := s.list(ctx)
	if err != nil {
		return s.swept, fmt.Errorf("find what earlier runs left on the cluster: %w", err)
	}
	alive := map[string]bool{}
	for _, f := range all {
		alive[f.Labels[LabelRun]] = alive[f.Labels[LabelRun]] || inUse(&f.ObjectMeta, s.now)
	}
	var dead []found
	for _, f := range all {
		if alive[f.Labels[LabelRun]] {
			s.swept.InUse = append(s.swept.InUse, fmt.Sprintf("%s of %s", f, userOf(&f.ObjectMeta)))
			continue
		}
		dead = append(dead, f)
	}
	err = errors.Join(s.remove(ctx, dead), s.unlabelNodes(ctx, alive))
	return s.swept, errors.Join(err, s.removeFolders(ctx, dead))
}

type clusterSweep struct {
	client  kubernetes.Interface
	objects metadata.Interface
	image   string
	now     time.Time
	swept   Swept
}

// list lists the cluster-scoped objects of all runs.
func (s *clusterSweep) list(ctx context.Context) ([]found, error) {
	kinds, err := clusterScopedResources(s.client.Discovery())
	if err != nil {
		return nil, err
	}
	var all []found
	for _, kind := range kinds {
		list, err := s.objects.Resource(kind).List(ctx, metav1.ListOptions{LabelSelector: LabelRun})
		var refused apierrors.APIStatus
		if errors.As(err, &refused) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", kind.GroupResource(), err)
		}
		for i := range list.Items {
			all = append(all, found{kind, &list.Items[i]})
		}
	}
	return all, nil
}

// remove removes objects and waits until they are gone.
func (s *clusterSweep) remove(ctx context.Context, dead []found) error {
	var errs []error
	var going []found
	for _, f := range dead {
		err := s.objects.Resource(f.kind).Delete(ctx, f.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &f.UID}})
		if err != nil && !apierrors.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("remove %s: %w", f, err))
			continue
		}
		going = append(going, f)
	}
	var left []string
	err := wait.PollUntilContextCancel(ctx, deletedEvery, true, func(ctx context.Context) (bool, error) {
		left = nil
		for _, f := range going {
			if _, err := s.objects.Resource(f.kind).Get(ctx, f.Name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
				left = append(left, f.String())
			}
		}
		return len(left) == 0, nil
	})
	if err != nil {
		errs = append(errs, fmt.Errorf("these objects of earlier runs were not gone in time: %s", strings.Join(left, ", ")))
	}
	for _, f := range going {
		if !slices.Contains(left, f.String()) {
			s.swept.Removed = append(s.swept.Removed, fmt.Sprintf("%s of %s", f, userOf(&f.ObjectMeta)))
		}
	}
	return errors.Join(errs...)
}

// labelledBy begins the annotations of nodes that say which run has set a label: "<run> <key>".
const labelledBy = "label.noteproof.dev/"

// labelAnnotation returns the annotation of a node whose label a run sets, and its value.
func labelAnnotation(run, key string) (annotation, value string) {
	return labelledBy + key[strings.LastIndex(key, "/")+1:], run + " " + key
}

// unlabelNodes removes the labels that runs have set on nodes, except those of runs that are alive.
func (s *clusterSweep) unlabelNodes(ctx context.Context, alive map[string]bool) error {
	nodes, err := s.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil // without a permission to list nodes, no run of this account has labelled one
	}
	var errs []error
	for _, node := range nodes.Items {
		for annotation, value := range node.Annotations {
			run, key, ok := strings.Cut(value, " ")
			if !strings.HasPrefix(annotation, labelledBy) || !ok || alive[run] {
				continue
			}
			patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": map[string]any{key: nil}, "annotations": map[string]any{annotation: nil}}})
			if err == nil {
				_, err = s.client.CoreV1().Nodes().Patch(ctx, node.Name, types.MergePatchType, patch, metav1.PatchOptions{})
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("remove the label %s of node %s: %w", key, node.Name, err))
				continue
			}
			s.swept.Removed = append(s.swept.Removed, fmt.Sprintf("label %s of node %s, of the run %s", key, node.Name, run))
		}
	}
	return errors.Join(errs...)
}

// ownFolder matches the names of folders on nodes. An annotation could name any other.
var ownFolder = regexp.MustCompile(`^` + nodeTmp + `/np-[a-z0-9-]+$`)

// removeFolders removes the folders that Pods of dead namespaces may have created on nodes.
func (s *clusterSweep) removeFolders(ctx context.Context, dead []found) error {
	var folders []string
	for _, f := range dead {
		if folder := f.Annotations[annotationFolder]; ownFolder.MatchString(folder) {
			folders = append(folders, folder)
		}
	}
	if len(folders) == 0 {
		return nil
	}
	nodes, err := s.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("remove %s from the nodes: %w", strings.Join(folders, ", "), err)
	}
	props := Props{Image: s.image}
	for _, node := range nodes.Items {
		if !node.Spec.Unschedulable {
			props.Workers = append(props.Workers, node.Name)
		}
	}
	cleanup, err := Open(ctx, Options{Claim: "sweep", Run: dead[0].Labels[LabelRun], Client: s.client, Within: sweepCloses})
	for _, folder := range folders {
		if err == nil {
			props.ownName = strings.TrimPrefix(folder, nodeTmp+"/")
			err = cleanup.removeFolder(ctx, props)
		}
	}
	closing, cancel := sweepContext(ctx)
	defer cancel()
	if err = errors.Join(err, cleanup.Close(closing)); err != nil {
		return fmt.Errorf("remove %s from the nodes: %w", strings.Join(folders, ", "), err)
	}
	for _, folder := range folders {
		s.swept.Removed = append(s.swept.Removed, folder+" on the nodes")
	}
	return nil
}

package stage

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"github.com/noteproof/noteproof/harness/internal/verdict"
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
// is not noteproof's. Without hostPaths, namespaces whose Pods may have left such a folder stay, too. What the account may not list is not
// looked at. The error says what could not be removed.
func SweepCluster(ctx context.Context, config *rest.Config, image string, hostPaths bool) (Swept, error) {
	s := clusterSweep{now: time.Now(), image: image}
	var err error
	if s.client, err = kubernetes.NewForConfig(config); err == nil {
		s.objects, err = metadata.NewForConfig(config)
	}
	if err == nil {
		s.dynamic, err = dynamic.NewForConfig(config)
	}
	if err != nil {
		return s.swept, fmt.Errorf("connect: %w", err)
	}
	s.mapper = restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(s.client.Discovery()))
	err = s.sweep(ctx, hostPaths)
	return s.swept, err
}

func (s *clusterSweep) sweep(ctx context.Context, hostPaths bool) error {
	// Before the runs, since one that begins in between is known by its objects only.
	var nodes []corev1.Node
	if list, err := s.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{}); err == nil {
		nodes = list.Items // without a permission to list nodes, no run of this account has labelled one
	}
	all, err := s.list(ctx)
	if err != nil {
		return fmt.Errorf("find what earlier runs left on the cluster: %w", err)
	}
	return s.removeDead(ctx, all, nodes, hostPaths)
}

// removeDead removes those of the objects that no run uses any more, and what these runs left on nodes.
func (s *clusterSweep) removeDead(ctx context.Context, all []found, nodes []corev1.Node, hostPaths bool) error {
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
	folders := foldersOf(dead...)
	var sweeping *Stage
	var kept error
	switch {
	case len(folders) == 0:
	case !hostPaths:
		kept = errors.New("noteproof clean, or a run with the permission host-paths, does")
	case len(nodes) == 0:
		kept = errors.New("the account may not list the nodes")
	default:
		if sweeping, kept = s.openSweep(ctx, folders); kept != nil {
			kept = errors.Join(kept, sweeping.Close(ctx))
		}
	}
	if kept != nil {
		of := map[string]bool{}
		for _, f := range dead {
			of[f.Labels[LabelRun]] = of[f.Labels[LabelRun]] || len(foldersOf(f)) > 0
		}
		dead = slices.DeleteFunc(dead, func(f found) bool { return of[f.Labels[LabelRun]] })
		kept = fmt.Errorf("earlier runs left %s on nodes, which is not removed, nor is what else they left: %w", strings.Join(folders, ", "), kept)
	}
	err := errors.Join(kept, s.remove(ctx, dead), s.unlabelNodes(ctx, nodes, alive))
	if kept == nil && sweeping != nil {
		err = errors.Join(err, s.sweepFolders(ctx, sweeping, nodes))
	}
	return err
}

type clusterSweep struct {
	client  kubernetes.Interface
	objects metadata.Interface
	dynamic dynamic.Interface
	mapper  meta.RESTMapper
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
	second := int64(1) // what its Pods take to end does not matter any more
	for _, f := range dead {
		if f.kind.Resource == "namespaces" {
			_ = s.client.CoreV1().Pods(f.Name).DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: &second}, metav1.ListOptions{})
		}
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
func (s *clusterSweep) unlabelNodes(ctx context.Context, nodes []corev1.Node, alive map[string]bool) error {
	var errs []error
	for _, node := range nodes {
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

// foldersOf returns the folders that Pods of namespaces may have created on nodes.
func foldersOf(dead ...found) []string {
	var folders []string
	for _, f := range dead {
		for folder := range strings.SplitSeq(f.Annotations[annotationFolders], ",") {
			if ownFolder.MatchString(folder) && !slices.Contains(folders, folder) {
				folders = append(folders, folder)
			}
		}
	}
	return folders
}

// openSweep opens the stage that removes folders from nodes, by which the next run knows of them once the namespaces that name them are
// gone.
func (s *clusterSweep) openSweep(ctx context.Context, folders []string) (*Stage, error) {
	return Open(ctx, Options{
		Claim: "sweep", Run: rand.String(5), Within: sweepCloses, Sweeps: folders, Props: Props{Image: s.image}, Client: s.client, Dynamic: s.dynamic, Mapper: s.mapper,
	})
}

// sweepFolders removes the folders of a stage that openSweep returned from all nodes. Its Pods go past the scheduler, so a node may be
// cordoned.
func (s *clusterSweep) sweepFolders(ctx context.Context, sweeping *Stage, nodes []corev1.Node) error {
	var names []string
	var away []error
	for i := range nodes {
		switch why := verdict.NodeProblem(&nodes[i]); {
		case nodes[i].Labels[corev1.LabelOSStable] == "windows":
		case why != "":
			away = append(away, fmt.Errorf("node %s %s", nodes[i].Name, why))
		default:
			names = append(names, nodes[i].Name)
		}
	}
	folders := strings.Join(sweeping.options.Sweeps, ", ")
	err := errors.Join(append(away, sweeping.removeFolders(ctx, names))...)
	if err = sweeping.closeSwept(ctx, err); err != nil {
		return fmt.Errorf("remove %s from the nodes: %w", folders, err)
	}
	s.swept.Removed = append(s.swept.Removed, folders+" on the nodes")
	return nil
}

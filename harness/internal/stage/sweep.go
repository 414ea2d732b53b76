package stage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// visited are the nodes that had Pods of a namespace. The zero value watches nothing.
type visited struct {
	mu    sync.Mutex
	nodes map[string]bool
	// missed is set if Pods may have come and gone unseen.
	missed bool
	synced func() bool   // whether the Pods have been listed
	end    chan struct{} // nil before watch
}

// watch records the nodes of the namespace's Pods until stop is called.
func (v *visited) watch(client kubernetes.Interface, namespace string) error {
	v.nodes, v.end = map[string]bool{}, make(chan struct{})
	pods := client.CoreV1().Pods(namespace)
	// Not by package informers, whose clients of all kinds take seconds to compile.
	informer := cache.NewSharedIndexInformer(cache.ToListWatcherWithWatchListSemantics(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			return pods.List(ctx, options)
		},
		WatchFuncWithContext: pods.Watch,
	}, client), &corev1.Pod{}, 0, cache.Indexers{})
	v.synced = informer.HasSynced
	err := informer.SetWatchErrorHandler(func(*cache.Reflector, error) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.missed = true
	})
	if err == nil {
		_, err = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc: v.note, UpdateFunc: func(_, pod any) { v.note(pod) }, DeleteFunc: v.note,
		})
	}
	if err != nil {
		return fmt.Errorf("watch the Pods of %s: %w", namespace, err)
	}
	go informer.Run(v.end)
	return nil
}

func (v *visited) note(object any) {
	if last, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = last.Obj
	}
	if pod, ok := object.(*corev1.Pod); ok && pod.Spec.NodeName != "" {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.nodes[pod.Spec.NodeName] = true
	}
}

func (v *visited) stop() {
	if v.end != nil {
		close(v.end)
		v.end = nil
	}
}

// among returns those of the nodes that had Pods, or all if that is not known.
func (v *visited) among(nodes []string) []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.nodes == nil || v.missed || !v.synced() {
		return nodes
	}
	return slices.DeleteFunc(slices.Clone(nodes), func(node string) bool { return !v.nodes[node] })
}

// sweepNodes removes the stage's folder from all nodes with RemoveOnNode, or by a Pod on each that had Pods of the stage. The Pods are
// on a stage of their own, because those of this one must be gone by then: they could recreate the folder.
func (s *Stage) sweepNodes(ctx context.Context) error {
	var err error
	if s.options.RemoveOnNode != nil {
		ctx, cancel := sweepContext(ctx)
		defer cancel()
		for _, node := range s.props.Workers {
			err = errors.Join(err, s.options.RemoveOnNode(ctx, node, s.props.nodeFolder()))
		}
	} else {
		err = s.sweepByPods(ctx)
	}
	if err != nil {
		return fmt.Errorf("remove %s from the nodes: %w", s.props.nodeFolder(), err)
	}
	return nil
}

// sweepCloses is how long the removal of the folder without Pods, or of the Pods that removed it, may take, also when ctx has
// ended: the namespace may have taken all of its time.
const sweepCloses = time.Minute

func sweepContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if errors.Is(context.Cause(ctx), ErrInterrupted) {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(context.WithoutCancel(ctx), sweepCloses)
}

func (s *Stage) sweepByPods(ctx context.Context) error {
	options := s.options
	options.Claim, options.Namespace = options.Claim+swept, ""
	options.NodeFolder, options.Sweeps = false, []string{s.props.nodeFolder()}
	nodes := s.visited.among(s.props.Workers)
	if len(nodes) == 0 {
		return nil
	}
	cleanup, err := Open(ctx, options)
	if err != nil {
		closing, cancel := sweepContext(ctx)
		defer cancel()
		return errors.Join(err, cleanup.Close(closing))
	}
	return cleanup.closeSwept(ctx, cleanup.removeFolders(ctx, nodes))
}

// closeSwept closes a stage that has removed folders from nodes. If one could not be removed, for the reason why, the namespace stays, by
// which the next run knows of the folder.
func (s *Stage) closeSwept(ctx context.Context, why error) error {
	if why != nil {
		return fmt.Errorf("%w; namespace %s stays, so that the next run or noteproof clean tries again", why, s.Namespace)
	}
	closing, cancel := sweepContext(ctx)
	defer cancel()
	return s.Close(closing)
}

// removeFolders removes the folders of Options.Sweeps from nodes by a Pod on each.
func (s *Stage) removeFolders(ctx context.Context, nodes []string) error {
	pods := s.client.CoreV1().Pods(s.Namespace)
	for i, node := range nodes {
		if err := s.CreatePod(ctx, sweeper(i, node, s.props.Image, s.options.Sweeps)); err != nil {
			return fmt.Errorf("sweep node %s: %w", node, err)
		}
	}
	left := ""
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		list, err := pods.List(ctx, metav1.ListOptions{})
		if err != nil {
			left = err.Error()
			return false, nil
		}
		for _, pod := range list.Items {
			if !hasSwept(pod) {
				left = fmt.Sprintf("the Pod that sweeps node %s is %s", pod.Spec.NodeName, pod.Status.Phase)
				return false, nil
			}
		}
		return true, nil
	})
	if err != nil {
		return errors.New(left)
	}
	return nil
}

// hasSwept reports whether a sweeper has ended well. Its Pod may go on: a cluster can add containers to Pods.
func hasSwept(pod corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.ContainerStatuses, func(c corev1.ContainerStatus) bool {
		return c.Name == sweeperContainer && c.State.Terminated != nil && c.State.Terminated.ExitCode == 0
	})
}

const sweeperContainer = "sweeper"

func sweeper(i int, node, image string, folders []string) *corev1.Pod {
	const tmp = "tmp"
	directory := corev1.HostPathDirectory
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("sweeper-%d", i)},
		Spec: corev1.PodSpec{
			NodeName: node, RestartPolicy: corev1.RestartPolicyOnFailure,
			Containers: []corev1.Container{{
				Name: sweeperContainer, Image: image, Command: append([]string{"rm", "-rf"}, folders...),
				VolumeMounts: []corev1.VolumeMount{{Name: tmp, MountPath: nodeTmp}},
			}},
			Volumes: []corev1.Volume{{Name: tmp, VolumeSource: corev1.VolumeSource{
				HostPath: &corev1.HostPathVolumeSource{Path: nodeTmp, Type: &directory},
			}}},
		},
	}
}

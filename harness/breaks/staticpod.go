package breaks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The components of the control plane, by the names of their manifests and processes; those that elect a leader have a
// Lease of that name, too.
const (
	apiServer         = "kube-apiserver"
	controllerManager = "kube-controller-manager"
	scheduler         = "kube-scheduler"
	etcd              = "etcd"
)

// manifestPath returns the path of a component's manifest on the control plane node.
func manifestPath(component string) string { return "/etc/kubernetes/manifests/" + component + ".yaml" }

// writeFile replaces a file atomically and keeps its mode and owner. It writes the new file in the parent directory, because the
// kubelet reads every file in the directory of its manifests.
const writeFile = `new="$(dirname "$(dirname "$1")")/.noteproof-$(basename "$1")"
cp --preserve=mode,ownership "$1" "$new"
printf %s "$2" >"$new"
mv "$new" "$1"`

// setFlags changes flags of a component of the control plane, and returns when it runs with them.
func (c *change) setFlags(ctx context.Context, component string, edit func(command []string) []string) error {
	return c.editStaticPod(ctx, component, func(pod *corev1.Pod) error {
		pod.Spec.Containers[0].Command = edit(pod.Spec.Containers[0].Command)
		return nil
	})
}

// editStaticPod changes the manifest of a component of the control plane, and returns when the component runs with it.
func (c *change) editStaticPod(ctx context.Context, component string, edit func(*corev1.Pod) error) error {
	node, err := c.controlPlane(ctx)
	if err != nil {
		return err
	}
	before, err := c.run(ctx, node, "cat", manifestPath(component))
	if err != nil {
		return err
	}
	after, err := editManifest(before, edit)
	if err != nil {
		return fmt.Errorf("edit %s on %s: %w", manifestPath(component), node, err)
	}
	c.onUndo(func(ctx context.Context) error { return c.replaceStaticPod(ctx, node, component, before+"\n") })
	return c.replaceStaticPod(ctx, node, component, after)
}

// replaceStaticPod writes a component's manifest and waits until the component runs with it and the control plane is whole. It
// does not write a manifest that is unchanged.
func (c *change) replaceStaticPod(ctx context.Context, node, component, manifest string) error {
	pod, err := readManifest(manifest)
	if err != nil {
		return err
	}
	wanted := pod.Spec.Containers[0].Command
	current, err := c.run(ctx, node, "cat", manifestPath(component))
	if err != nil {
		return err
	}
	if current == strings.TrimSpace(manifest) {
		return c.awaitComponent(ctx, node, component, wanted, nil, time.Time{})
	}
	since := time.Now()
	old, err := c.processes(ctx, node, component)
	if err != nil {
		return err
	}
	if _, err := c.script(ctx, node, writeFile, manifestPath(component), manifest); err != nil {
		return err
	}
	if err := c.awaitComponent(ctx, node, component, wanted, old, since); err != nil {
		return err
	}
	return c.awaitControlPlane(ctx)
}

// awaitComponent waits until a component runs with this command line in a new process, its Pod and the API server are ready, and
// a component that elects a leader was elected since then.
func (c *change) awaitComponent(ctx context.Context, node, component string, command []string, old []process, since time.Time) error {
	what := fmt.Sprintf("%s on %s runs with its new manifest", component, node)
	return await(ctx, what, componentWithin, func(ctx context.Context) (string, error) {
		running, err := c.processes(ctx, node, component)
		if err != nil {
			return "", err
		}
		if len(running) != 1 {
			return fmt.Sprintf("%d processes run", len(running)), nil
		}
		if slices.ContainsFunc(old, func(p process) bool { return p.pid == running[0].pid }) {
			return "the old process runs", nil
		}
		if !slices.Equal(running[0].command, command) {
			return "it runs as " + strings.Join(running[0].command, " "), nil
		}
		if err := c.apiServerReady(ctx); err != nil {
			return "", err
		}
		if left, err := c.mirrorPodProblem(ctx, component+"-"+node, command); left != "" || err != nil {
			return left, err
		}
		if !slices.Contains(leaders(), component) {
			return "", nil
		}
		return c.leaderProblem(ctx, component, since)
	})
}

// mirrorPodProblem returns a problem unless the Pod of a component has this command line and is ready.
func (c *change) mirrorPodProblem(ctx context.Context, name string, command []string) (string, error) {
	pod, err := c.client.CoreV1().Pods(metav1.NamespaceSystem).Get(ctx, name, metav1.GetOptions{})
	switch {
	case err != nil:
		return "", err
	case len(pod.Spec.Containers) == 0 || !slices.Equal(pod.Spec.Containers[0].Command, command):
		return "its Pod has another command line", nil
	case !podReady(*pod):
		return "its Pod is not ready", nil
	}
	return "", nil
}

// leaderProblem returns a problem unless a component is a leader that was elected since then.
func (c *change) leaderProblem(ctx context.Context, component string, since time.Time) (string, error) {
	lease, err := c.client.CoordinationV1().Leases(metav1.NamespaceSystem).Get(ctx, component, metav1.GetOptions{})
	switch {
	case err != nil:
		return "", err
	case !leaseHeld(*lease, time.Now()):
		return "it does not lead", nil
	case lease.Spec.AcquireTime == nil || lease.Spec.AcquireTime.Time.Before(since):
		return "it does not lead yet", nil
	}
	return "", nil
}

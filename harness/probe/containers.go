package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Container is a container of a Pod, and what it sees of itself.
type Container struct {
	Pod  string
	UID  types.UID // the Pod's
	Name string
	ID   string // of the container runtime
	// Network is the kernel's name of the network namespace: "net:[4026532177]". It is empty if it was not read.
	Network string
	// Hostname is the hostname inside the container; empty if it was not read.
	Hostname string
}

func (c Container) String() string {
	words := fmt.Sprintf("%s/%s %s in Pod uid=%s", c.Pod, c.Name, shortID(c.ID), c.UID)
	if c.Network != "" {
		words += fmt.Sprintf(" sees %s and hostname %s", c.Network, c.Hostname)
	}
	return words
}

// shortID returns the first characters of a container's ID, which distinguish it from others.
func shortID(id string) string {
	_, id, _ = strings.Cut(id, "://")
	return id[:min(len(id), 12)]
}

// Containers are containers of several Pods.
type Containers []Container

func (c Containers) String() string {
	words := make([]string, len(c))
	for i, container := range c {
		words[i] = container.String()
	}
	return shorten(fmt.Sprintf("%d containers: %s", len(c), strings.Join(words, "; ")))
}

// Insides looks from inside each container of the Pods; the answer is a Containers.
func (p Pods) Insides() Look {
	return look{"inside of each container of " + p.Name(), func(ctx context.Context) (any, error) {
		pods, err := p.List(ctx)
		if err != nil {
			return nil, err
		}
		found := containersOf(pods)
		for i := range found {
			if err := p.lookInside(ctx, &found[i]); err != nil {
				return nil, err
			}
		}
		return found, nil
	}}
}

// lookInside reads a container's network namespace, which is identified by the inode of this link (namespaces(7)), and its
// hostname.
func (p Pods) lookInside(ctx context.Context, c *Container) error {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: c.Pod}}
	out, err := p.cluster.exec(ctx, pod, c.Name, []string{"sh", "-c", "readlink /proc/self/ns/net; hostname"})
	if err != nil {
		return fmt.Errorf("look inside %s: %w", c, err)
	}
	words := strings.Fields(out.Stdout)
	if out.ExitCode != 0 || len(words) != 2 {
		return fmt.Errorf("look inside %s: %s", c, out)
	}
	c.Network, c.Hostname = words[0], words[1]
	return nil
}

// Containers looks at every container in the status of the Pods, at one moment; the answer is a Containers.
func (p Pods) Containers() Look {
	return look{"containers in the status of " + p.Name(), func(ctx context.Context) (any, error) {
		pods, err := p.List(ctx)
		if err != nil {
			return nil, err
		}
		return containersOf(pods), nil
	}}
}

// containersOf returns all containers of any kind in the Pods' statuses that have been started, except those that were injected.
func containersOf(pods []corev1.Pod) Containers {
	found := Containers{}
	for _, pod := range pods {
		for _, c := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses, pod.Status.EphemeralContainerStatuses) {
			if c.ContainerID != "" && OfManifest(&pod, c.Name) {
				found = append(found, Container{Pod: pod.Name, UID: pod.UID, Name: c.Name, ID: c.ContainerID})
			}
		}
	}
	return found
}

// Logs looks at the logs of all containers of the Pods, from before and after their last restart, as far as the nodes have
// kept them; the answer is a string.
func (p Pods) Logs() Look {
	return look{"logs of " + p.Name(), func(ctx context.Context) (any, error) {
		pods, err := p.List(ctx)
		if err != nil {
			return nil, err
		}
		all := ""
		for _, pod := range pods {
			for _, c := range pod.Status.ContainerStatuses {
				text, err := p.cluster.logOf(ctx, pod.Name, c)
				if err != nil {
					return nil, fmt.Errorf("read the log of %s/%s: %w", pod.Name, c.Name, err)
				}
				all += text
			}
		}
		return all, nil
	}}
}

// logOf reads the logs of the last two instances of a container: the last one may not have crashed yet.
func (c Cluster) logOf(ctx context.Context, pod string, container corev1.ContainerStatus) (string, error) {
	read := func(previous bool) (string, error) {
		options := &corev1.PodLogOptions{Container: container.Name, Previous: previous}
		text, err := c.Client.CoreV1().Pods(c.Namespace).GetLogs(pod, options).DoRaw(ctx)
		return string(text), err
	}
	var before, last string
	var err1, err2 error
	restarted := container.LastTerminationState.Terminated != nil
	if restarted {
		before, err1 = read(true)
	}
	if restarted || container.State.Waiting == nil {
		last, err2 = read(false)
	}
	return before + last, errors.Join(err1, err2)
}

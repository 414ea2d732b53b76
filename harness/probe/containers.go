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

// Container is one container of a Pod, and what it sees of itself.
type Container struct {
	Pod  string
	UID  types.UID // the Pod's
	Name string
	ID   string // as the container runtime calls it
	// Network names the network namespace, as the kernel does: "net:[4026532177]". It is empty when nobody looked.
	Network string
	// Hostname is what the container takes for its own host's name; empty when nobody looked.
	Hostname string
}

func (c Container) String() string {
	words := fmt.Sprintf("%s/%s %s in Pod uid=%s", c.Pod, c.Name, shortID(c.ID), c.UID)
	if c.Network != "" {
		words += fmt.Sprintf(" sees %s and hostname %s", c.Network, c.Hostname)
	}
	return words
}

// shortID is enough of a container's ID to tell it from others.
func shortID(id string) string {
	_, id, _ = strings.Cut(id, "://")
	return id[:min(len(id), 12)]
}

// Containers are containers of several Pods.
type Containers []Container

func (c Containers) String() string {
	words := make([]string, len(c))
	for i, one := range c {
		words[i] = one.String()
	}
	return shorten(fmt.Sprintf("%d containers: %s", len(c), strings.Join(words, "; ")))
}

// Insides look from inside each running container of the Pods; the answer is a Containers.
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

// lookInside asks the kernel: a network namespace is known by the inode of this link (namespaces(7)).
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

// Containers looks at every container of the Pods that their status reports at one moment; the answer is a Containers.
func (p Pods) Containers() Look {
	return look{"containers in the status of " + p.Name(), func(ctx context.Context) (any, error) {
		pods, err := p.List(ctx)
		if err != nil {
			return nil, err
		}
		return containersOf(pods), nil
	}}
}

// containersOf are the containers that the Pods' statuses tell of, those of any kind that have been started.
func containersOf(pods []corev1.Pod) Containers {
	found := Containers{}
	for _, pod := range pods {
		for _, c := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses, pod.Status.EphemeralContainerStatuses) {
			if c.ContainerID != "" {
				found = append(found, Container{Pod: pod.Name, UID: pod.UID, Name: c.Name, ID: c.ContainerID})
			}
		}
	}
	return found
}

// Logs looks at what all containers of the Pods have written, before their last restart and since, as far as the nodes
// have kept it; the answer is a string.
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

// logOf reads the log of the instance before the last one, too: the last may not have come to its crash yet.
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

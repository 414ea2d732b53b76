package probe

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// MemoryFate is what became of a container whose program wants more memory than it may have.
type MemoryFate struct {
	// Ended is how the container ended last; nil while it has never ended.
	Ended *corev1.ContainerStateTerminated
	// KernelKills is how many processes the kernel has killed for lack of memory since that run of the container began.
	KernelKills int64
	// Holds is the memory in use; zero once the container has ended.
	Holds MemoryUse
}

func (f MemoryFate) String() string {
	if f.Ended == nil {
		return "it has never ended, with " + f.Holds.String()
	}
	return fmt.Sprintf("it ended: %s, and the kernel has killed %d processes for lack of memory since that run began", terminated(f.Ended), f.KernelKills)
}

// MemoryFate looks at what became of a container of the one Pod that there is; the answer is a MemoryFate. The reason that
// a container runtime gives for an end is not reliable: containerd now and then calls an OOM kill an Error, since it
// learns of the end before it learns of the lack of memory. So the kernel is asked as well: it counts its kills
// in /proc/vmstat (oom_kill, since Linux 4.13), on cgroup v1 as on v2. The container must write that line as its
// termination message when it starts, and a second container of the Pod, the watcher, outlives it to read it again.
func (p Pods) MemoryFate(container, watcher string) Look {
	return look{fmt.Sprintf("end and memory of container %s of %s", container, p.Name()), func(ctx context.Context) (any, error) {
		pod, err := p.One(ctx)
		if err != nil {
			return nil, err
		}
		end, err := lastEnd(pod, container)
		if err != nil {
			return nil, err
		}
		if end == nil {
			holds, err := p.In(container).Memory().Ask(ctx)
			if err != nil {
				return nil, err
			}
			return MemoryFate{Holds: holds.(MemoryUse)}, nil
		}
		out, err := p.In(watcher).Run(ctx, "grep", "^oom_kill ", "/proc/vmstat")
		if err != nil {
			return nil, err
		}
		kills, err := killsSince(end.Message, out.Stdout)
		if err != nil {
			return nil, fmt.Errorf("read how often the kernel has killed for lack of memory: %w", err)
		}
		return MemoryFate{Ended: end, KernelKills: kills}, nil
	}}
}

// lastEnd is how a container of a Pod ended last; nil while it has never ended.
func lastEnd(pod *corev1.Pod, container string) (*corev1.ContainerStateTerminated, error) {
	for _, c := range pod.Status.ContainerStatuses {
		switch {
		case c.Name != container:
		case c.State.Terminated != nil:
			return c.State.Terminated, nil
		case c.LastTerminationState.Terminated != nil:
			return c.LastTerminationState.Terminated, nil
		case c.State.Running != nil:
			return nil, nil
		}
	}
	return nil, fmt.Errorf("container %s of Pod %s has not started", container, pod.Name)
}

// killsSince is by how much the counter has grown between two lines "oom_kill 3".
func killsSince(before, now string) (int64, error) {
	from, err := counted(before)
	if err != nil {
		return 0, err
	}
	to, err := counted(now)
	return to - from, err
}

func counted(line string) (int64, error) {
	number, found := strings.CutPrefix(strings.TrimSpace(line), "oom_kill ")
	if !found {
		return 0, fmt.Errorf("%q is no line of the counter oom_kill", shorten(line))
	}
	return strconv.ParseInt(number, 10, 64)
}

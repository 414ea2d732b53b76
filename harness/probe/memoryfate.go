package probe

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// MemoryFate is the state of a container whose program may exceed the container's memory limit.
type MemoryFate struct {
	// Ended is how the container last ended; nil if it has never ended.
	Ended *corev1.ContainerStateTerminated
	// KernelKills is how many processes of the whole machine the kernel has killed for lack of memory since the instance of
	// the container began that ended last; 0 if none has ended.
	KernelKills int64
	// Holds is the memory in use; zero if the container has ended before.
	Holds MemoryUse
}

func (f MemoryFate) String() string {
	if f.Ended == nil {
		return "it has never ended, with " + f.Holds.String()
	}
	processes := "processes"
	if f.KernelKills == 1 {
		processes = "process"
	}
	return fmt.Sprintf("it ended: %s, and the kernel has killed %d %s for lack of memory since that run began", terminated(f.Ended), f.KernelKills, processes)
}

// MemoryFate looks at how a container of the only Pod ended, or how much memory it uses; the answer is a MemoryFate. The
// reason that a container runtime reports is not reliable: containerd sometimes reports an OOM kill as Error, because it
// learns of the end before it learns of the OOM event. Therefore the look also reads the kernel's counter of OOM kills, the
// line oom_kill of /proc/vmstat (since Linux 4.13, with cgroup v1 and v2). The container must write that line as its
// termination message when it starts. A second container of the Pod, the watcher, must keep running to read it again.
//
// The counter is that of the whole machine: an OOM kill of any other process there since the container started counts too.
// Therefore match.BeKilledForMemory uses it only if the exit code is 137 and the runtime reports a reason other than OOMKilled.
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
			return nil, fmt.Errorf("read the kernel's counter of OOM kills: %w", err)
		}
		return MemoryFate{Ended: end, KernelKills: kills}, nil
	}}
}

// lastEnd returns how a container of a Pod last ended; nil if it has never ended. It returns an error if it has not started.
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

// killsSince returns the difference between the counters in two lines "oom_kill 3".
func killsSince(before, now string) (int64, error) {
	from, err := parseKills(before)
	if err != nil {
		return 0, err
	}
	to, err := parseKills(now)
	if err == nil && to < from {
		err = fmt.Errorf("the counter oom_kill went back from %d to %d: the machine was restarted", from, to)
	}
	return to - from, err
}

func parseKills(line string) (int64, error) {
	number, found := strings.CutPrefix(strings.TrimSpace(line), "oom_kill ")
	if !found {
		return 0, fmt.Errorf("%q is not the line of the counter oom_kill", shorten(line))
	}
	return strconv.ParseInt(number, 10, 64)
}

package lab

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/noteproof/noteproof/harness/internal/cluster"
)

const (
	// minParallel is how many scenarios run at once even on a busy machine.
	minParallel = 3
	// busyThreadsPerCPU is the number of runnable threads per CPU above which a machine is busy. One more scenario would make
	// all of them slower, and Pods would take minutes to become ready.
	busyThreadsPerCPU = 8
	// averageOver is the shortest time over which the number of threads is averaged, since it changes from moment to moment.
	averageOver = 5 * time.Second
)

// awaitCapacity returns when a scenario may start: fewer than minParallel others run, or the machine is not busy.
func awaitCapacity(others func() int, threadsPerCPU func() float64, pause time.Duration) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for others() >= minParallel && threadsPerCPU() > busyThreadsPerCPU {
		<-tick.C
	}
}

// nodesAreHere reports whether all nodes are on this machine, which then shares its CPUs with them. They are not if the engine is
// on another machine, or in a virtual one.
func nodesAreHere(ctx context.Context, client kubernetes.Interface) bool {
	id, err := os.ReadFile(cluster.BootIDFile)
	if err != nil {
		return false // not on Linux
	}
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	return err == nil && !slices.ContainsFunc(nodes.Items, func(n corev1.Node) bool {
		return n.Status.NodeInfo.BootID != strings.TrimSpace(string(id))
	})
}

// threadCount is the number of runnable threads of the machine at a time.
type threadCount struct {
	at      time.Time
	threads int
}

// countThreads records the number of runnable threads.
func (m *monitor) countThreads(now time.Time) {
	if m.threads == nil {
		return
	}
	threads, err := m.threads()
	if err != nil {
		return // not on Linux
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts = append(m.counts, threadCount{now, threads})
}

// threadsPerCPUNow returns the number of runnable threads per CPU; 0 if it is unknown. The receiver may be nil.
func (m *monitor) threadsPerCPUNow() float64 {
	now := time.Now()
	return m.threadsPerCPU(now, now)
}

// threadsPerCPU returns the average number of runnable threads per CPU between two times, and for at least averageOver before
// the second one; 0 if it is unknown. The receiver may be nil.
func (m *monitor) threadsPerCPU(from, to time.Time) float64 {
	if m == nil {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if since := to.Add(-averageOver); since.Before(from) {
		from = since
	}
	sum, n := 0, 0
	for _, c := range m.counts {
		if !c.at.Before(from) && !c.at.After(to) {
			sum, n = sum+c.threads, n+1
		}
	}
	return float64(sum) / float64(max(n, 1)*runtime.NumCPU())
}

// runnable returns the number of runnable threads of this machine.
func runnable() (int, error) {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, err
	}
	return readRunnable(string(text))
}

// readRunnable parses the number from /proc/loadavg (proc_loadavg(5)): 1 in "0.20 0.18 0.12 1/80 11206".
func readRunnable(text string) (int, error) {
	var load float64
	var threads int
	if _, err := fmt.Sscanf(text, "%f %f %f %d/", &load, &load, &load, &threads); err != nil {
		return 0, fmt.Errorf("read /proc/loadavg: %w: %q", err, text)
	}
	return threads, nil
}

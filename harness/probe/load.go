package probe

import (
	"context"
	"fmt"
	"math"

	corev1 "k8s.io/api/core/v1"
)

// NodeLoad returns the highest load average of the last minute (proc_loadavg(5)) per processor among the nodes on which a
// container of the namespace runs and can tell it; 0 if none can. /proc/loadavg in a container is that of its node.
func (c Cluster) NodeLoad(ctx context.Context) float64 {
	pods, err := c.Pods("").List(ctx)
	if err != nil {
		return 0
	}
	highest, known := 0.0, map[string]bool{}
	for i := range pods {
		pod := &pods[i]
		if pod.Status.Phase != corev1.PodRunning || known[pod.Spec.NodeName] {
			continue
		}
		for _, container := range pod.Spec.Containers {
			out, err := c.exec(ctx, pod, container.Name, []string{"sh", "-c", "cat /proc/loadavg; nproc"})
			if err != nil || out.ExitCode != 0 {
				continue
			}
			if load, err := loadPerCPU(out.Stdout); err == nil {
				known[pod.Spec.NodeName] = true
				highest = max(highest, load)
				break
			}
		}
	}
	return highest
}

// loadPerCPU parses /proc/loadavg followed by the number of processors: "0.20 0.18 0.12 1/80 11206", "2".
func loadPerCPU(text string) (float64, error) {
	var load, skip float64
	var threads string
	var last, processors int
	if _, err := fmt.Sscan(text, &load, &skip, &skip, &threads, &last, &processors); err != nil || processors < 1 || !(load >= 0 && load <= math.MaxInt32) {
		return 0, fmt.Errorf("read the load and the number of processors from %q (%v)", text, err)
	}
	return load / float64(processors), nil
}

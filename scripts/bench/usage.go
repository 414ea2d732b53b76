//go:build linux

package main

import (
	"strings"
	"time"

	"github.com/prometheus/procfs"
)

// usage is what the programs of a machine used in a period.
type usage struct {
	// CPU is the CPU time of each program in seconds. That of programs which ended before they were seen is in Short.
	CPU map[string]float64 `json:"cpu"`
	// Busy is the CPU time of all programs together, and Short what is not in CPU.
	Busy  float64 `json:"busy"`
	Short float64 `json:"short"`
	// PeakMiB is the most memory that the processes of a program had in themselves (resident), all together.
	PeakMiB map[string]float64 `json:"peakMiB"`
}

// process identifies a process: the kernel uses numbers again.
type process struct {
	pid     int
	started uint64
}

// seen is the CPU time of a process when it was first and last seen.
type seen struct {
	program     string
	first, last float64
}

// watch looks at all processes of this machine at short intervals.
type watch struct {
	quit, done chan struct{}
	processes  map[process]*seen
	peak       map[string]float64
	busy       float64 // when the watch began
}

// lookEvery is the interval. Looking takes about 1 % of one CPU.
const lookEvery = 500 * time.Millisecond

// startUsage begins to watch. The caller must call stop.
func startUsage() *watch {
	w := &watch{quit: make(chan struct{}), done: make(chan struct{}), processes: map[process]*seen{}, peak: map[string]float64{}, busy: busyTime()}
	w.look(true)
	go func() {
		defer close(w.done)
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			select {
			case <-w.quit:
				return
			case <-tick.C:
				w.look(false)
			}
		}
	}()
	return w
}

// stop ends the watch and returns the usage since it began.
func (w *watch) stop() usage {
	close(w.quit)
	<-w.done
	w.look(false)
	u := usage{CPU: map[string]float64{}, Busy: busyTime() - w.busy, PeakMiB: w.peak}
	known := 0.0
	for _, p := range w.processes {
		u.CPU[p.program] += p.last - p.first
		known += p.last - p.first
	}
	u.Short = max(u.Busy-known, 0)
	return u
}

// look notes the CPU time and memory of all processes. Those that are there at the first look have used theirs before.
func (w *watch) look(first bool) {
	all, err := procfs.AllProcs()
	if err != nil {
		return
	}
	resident := map[string]float64{}
	for _, p := range all {
		stat, err := p.Stat()
		if err != nil {
			continue // it has ended
		}
		program := programOf(stat.Comm)
		resident[program] += float64(stat.ResidentMemory()) / (1 << 20)
		id := process{stat.PID, stat.Starttime}
		if w.processes[id] == nil {
			w.processes[id] = &seen{}
			if first {
				w.processes[id].first = stat.CPUTime()
			}
		}
		w.processes[id].program, w.processes[id].last = program, stat.CPUTime()
	}
	for program, mib := range resident {
		w.peak[program] = max(w.peak[program], mib)
	}
}

// programs are the programs that are told apart, by the beginning of what the kernel calls them, which has at most 15 characters.
var programs = [...][2]string{
	{"kube-apiserver", "kube-apiserver"}, {"etcd", "etcd"}, {"kubelet", "kubelet"}, {"kube-controller", "kube-controller-manager"},
	{"kube-scheduler", "kube-scheduler"}, {"kube-proxy", "kube-proxy"}, {"coredns", "CoreDNS"}, {"podroutes", "podroutes"},
	{"containerd-shim", "containerd-shim"}, {"containerd", "containerd"}, {"runc", "runc"},
	{"podman", "engine"}, {"conmon", "engine"}, {"dockerd", "engine"}, {"docker", "engine"}, {"nerdctl", "engine"},
	{"scenarios.test", "noteproof"}, {"noteproof", "noteproof"}, {"go", "go"}, {"compile", "go"}, {"link", "go"},
	{"agnhost", "workloads"}, {"controller", "MetalLB"}, {"speaker", "MetalLB"}, {"systemd", "systemd"},
}

// programOf returns under which name a program is counted.
func programOf(comm string) string {
	for _, p := range programs {
		if comm == p[0] || len(p[0]) > 4 && strings.HasPrefix(comm, p[0]) {
			return p[1]
		}
	}
	return "others"
}

// busyTime returns the CPU time that this machine has used, in seconds.
func busyTime() float64 {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return 0
	}
	stat, err := fs.Stat()
	if err != nil {
		return 0
	}
	c := stat.CPUTotal
	return c.User + c.Nice + c.System + c.IRQ + c.SoftIRQ
}

package engine

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/noteproof/noteproof/harness/evidence"
)

// Podman's own ulimits for containers, which it sets unless it is configured with others.
const (
	podmanOpenFiles = 1 << 20
	podmanProcesses = 4 << 20
)

// obstacle is something about the machine that keeps a cluster from working.
type obstacle struct {
	found   string       // what the machine is like, and what comes of it
	fix     string       // the command that changes it
	lasting bool         // it stays one until it is fixed
	try     func() error // fixes it, where we may; nil where only its owner may
	tried   string       // what try did
}

// plan is what the facts ask for.
type plan struct {
	Adaptations []evidence.Adaptation
	Obstacles   []obstacle
	Unusable    []string // reasons for which the engine cannot be used at all
	Settings    settings
}

// settings are containers.conf's tables and keys.
type settings map[string]map[string]any

func (p *plan) adapt(found, did string) {
	p.Adaptations = append(p.Adaptations, evidence.Adaptation{Found: found, Did: did})
}

func (p *plan) set(table, key string, value any) {
	if p.Settings == nil {
		p.Settings = settings{}
	}
	if p.Settings[table] == nil {
		p.Settings[table] = map[string]any{}
	}
	p.Settings[table][key] = value
}

// adapt decides what has to be done for this engine on this machine. On an ordinary machine, that is nothing.
func adapt(said info, host Host, have map[string]bool) plan {
	var p plan
	switch said.Engine {
	case Podman:
		if !said.Remote {
			adaptPodman(&p, said, host, have)
		}
	case Docker:
		if !host.CanLowerOOMScore && strings.HasPrefix(said.Version, "20.") {
			p.Unusable = append(p.Unusable, "docker "+said.Version+
				" gives a privileged container every capability, and this machine has not got CAP_SYS_RESOURCE")
		}
	}
	if said.Rootless && host.CgroupVersion == "v1" {
		p.Unusable = append(p.Unusable, "a cluster in rootless containers needs cgroup v2, and this machine has v1: run as root")
	}
	return p
}

func adaptPodman(p *plan, said info, host Host, have map[string]bool) {
	if said.NetworkBackend == "netavark" && !have["iptables"] && !have["nft"] {
		p.Unusable = append(p.Unusable, "podman's netavark needs iptables for a network, and it is not installed")
	}
	if said.Runtime == "crun" && host.HybridCgroups {
		if have["runc"] {
			p.set("engine", "runtime", "runc")
			p.adapt("crun refuses this machine's hybrid cgroup hierarchy", "podman runs containers by runc")
		} else {
			p.Unusable = append(p.Unusable, "crun refuses this machine's hybrid cgroup hierarchy, and runc is not installed")
		}
	}
	if limits := ulimits(host); !said.Rootless && limits != nil {
		p.set("containers", "default_ulimits", limits)
		p.adapt(fmt.Sprintf("hard limits (%d open files, %d processes) cannot be raised without CAP_SYS_RESOURCE", host.OpenFiles, host.Processes),
			"podman gives containers the limits "+strings.Join(limits, ", "))
	}
	if host.ForwardDropped {
		p.Obstacles = append(p.Obstacles, obstacle{
			found: "the firewall's FORWARD policy is DROP, as docker leaves it, and bridge-nf-call-iptables is 1: packets between Pods on different nodes would be lost",
			fix:   "sudo iptables " + strings.Replace(forwardRule, "-A", "-I", 1), lasting: true,
		})
	}
	if !host.ModulesFolder {
		p.Obstacles = append(p.Obstacles, obstacle{
			found: modulesFolder + " is not there, and podman refuses to mount a missing folder, which kind asks for in every node",
			fix:   "sudo mkdir " + modulesFolder, lasting: true,
			try:   func() error { return os.MkdirAll(modulesFolder, 0o755) },
			tried: "an empty one was made, as docker does",
		})
	}
}

// ulimits are the highest limits that podman can give to a container here; nil when its own defaults work.
func ulimits(host Host) []string {
	if host.CanRaiseLimits || host.OpenFiles >= podmanOpenFiles && host.Processes >= podmanProcesses {
		return nil
	}
	files := min(host.OpenFiles, podmanOpenFiles)
	// Podman lowers its own limit of processes to kernel.pid_max before it starts a container, and then it cannot go
	// back up.
	processes := min(host.Processes, podmanProcesses)
	if host.MostProcesses > 0 {
		processes = min(processes, host.MostProcesses)
	}
	return []string{fmt.Sprintf("nofile=%d:%d", files, files), fmt.Sprintf("nproc=%d:%d", processes, processes)}
}

// A control plane was seen to use 27 inotify instances and a worker 15; the rest is for what runs for a moment only.
const (
	inotifyPerNode      = 20
	inotifyControlPlane = 15
	inotifyPlenty       = 1024
)

// shortOfInotify finds out whether so many further nodes would use up the inotify instances that one user may have, when
// programs such as kube-proxy end with "too many open files".
func shortOfInotify(host Host, inUse uint64, nodes int) []obstacle {
	needed := uint64(inotifyControlPlane + inotifyPerNode*max(nodes, 0)) //nolint:gosec // a handful
	if nodes <= 0 || host.InotifyInstances == 0 || inUse+needed <= host.InotifyInstances {
		return nil
	}
	more := strconv.FormatUint(max(inotifyPlenty, inUse+needed), 10)
	return []obstacle{{
		found: fmt.Sprintf("%d of the %d inotify instances that one user may have (fs.inotify.max_user_instances) are in use, and %d nodes need about %d",
			inUse, host.InotifyInstances, nodes, needed),
		fix:   "sudo sysctl -w fs.inotify.max_user_instances=" + more,
		try:   func() error { return os.WriteFile(inotifyInstances, []byte(more), 0o644) },
		tried: "it was raised to " + more + " until the machine reboots",
	}}
}

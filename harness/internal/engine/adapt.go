package engine

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/noteproof/noteproof/harness/evidence"
)

// Podman's default ulimits for containers.
const (
	podmanOpenFiles = 1 << 20
	podmanProcesses = 4 << 20
)

// obstacle is a property of the machine that prevents a cluster from working.
type obstacle struct {
	found   string       // the property and its effect
	fix     string       // the command that removes the obstacle
	lasting bool         // it remains an obstacle for all clusters until it is fixed
	try     func() error // fixes it, if we have the permission; nil if only the machine's owner may fix it
	tried   string       // what try did
}

// plan contains the consequences of the facts.
type plan struct {
	Adaptations []evidence.Adaptation
	Obstacles   []obstacle
	Unusable    []string // reasons why the engine cannot be used at all
	Settings    settings
	Wrapper     string // the script that runs the engine; empty if it needs none
}

// settings are the tables and keys of a containers.conf.
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

// adapt determines what must be done for this engine on this machine. On an ordinary machine nothing is needed.
func adapt(reported info, host Host, have map[string]bool) plan {
	var p plan
	switch reported.Engine {
	case Podman:
		if !reported.Remote {
			adaptPodman(&p, reported, host, have)
		}
	case Docker:
		if !host.CanLowerOOMScore && strings.HasPrefix(reported.Version, "20.") {
			p.Unusable = append(p.Unusable, "docker "+reported.Version+
				" gives a privileged container every capability, but this machine lacks CAP_SYS_RESOURCE: use podman, or a newer docker")
		}
	case Nerdctl:
		if host.CgroupVersion == "v1" {
			p.Wrapper = ownCgroups
			p.adapt("nerdctl starts containers in the machine's cgroup namespace on cgroup v1, where no kubelet of kind starts",
				"nerdctl starts containers in cgroup namespaces of their own")
		}
	}
	if reported.Rootless && host.CgroupVersion == "v1" {
		p.Unusable = append(p.Unusable, "a cluster in rootless containers needs cgroup v2, but this machine has v1: run as root, or boot with systemd.unified_cgroup_hierarchy=1")
	}
	return p
}

func adaptPodman(p *plan, reported info, host Host, have map[string]bool) {
	if have["setsid"] { // as every Linux has; the others have a daemon, which gets no signals from the terminal
		p.Wrapper = shielded
	}
	if reported.NetworkBackend == "netavark" && !have["iptables"] && !have["nft"] {
		p.Unusable = append(p.Unusable, "podman's netavark needs iptables for a network, but it is not installed: install iptables")
	}
	if reported.Runtime == "crun" && host.HybridCgroups {
		if have["runc"] {
			p.set("engine", "runtime", "runc")
			p.adapt("crun refuses this machine's hybrid cgroup hierarchy", "podman runs containers with runc")
		} else {
			p.Unusable = append(p.Unusable, "crun refuses this machine's hybrid cgroup hierarchy, and runc is not installed: install runc")
		}
	}
	if limits := ulimits(host); !reported.Rootless && limits != nil {
		p.set("containers", "default_ulimits", limits)
		p.adapt(fmt.Sprintf("hard limits (%d open files, %d processes) cannot be raised without CAP_SYS_RESOURCE", host.OpenFiles, host.Processes),
			"podman gives containers the limits "+strings.Join(limits, ", "))
	}
	if host.ForwardDropped {
		p.Obstacles = append(p.Obstacles, obstacle{
			found: "the firewall's FORWARD policy is DROP, as docker sets it, and bridge-nf-call-iptables is 1: packets between Pods on different nodes would be lost",
			fix:   "sudo iptables " + strings.Replace(forwardRule, "-A", "-I", 1), lasting: true,
		})
	}
	if !host.ModulesFolder {
		p.Obstacles = append(p.Obstacles, obstacle{
			found: modulesFolder + " does not exist; kind mounts it into every node, and podman refuses to mount a missing folder",
			fix:   "sudo mkdir " + modulesFolder, lasting: true,
			try:   func() error { return os.MkdirAll(modulesFolder, 0o755) },
			tried: "an empty one was created, as docker does",
		})
	}
}

// ulimits returns the highest limits that podman can set for a container on this machine; nil if its defaults work.
func ulimits(host Host) []string {
	if host.CanRaiseLimits || host.OpenFiles >= podmanOpenFiles && host.Processes >= podmanProcesses {
		return nil
	}
	files := min(host.OpenFiles, podmanOpenFiles)
	// Podman lowers its own limit of processes to kernel.pid_max before it starts a container, and cannot raise it again.
	processes := min(host.Processes, podmanProcesses)
	if host.MostProcesses > 0 {
		processes = min(processes, host.MostProcesses)
	}
	return []string{fmt.Sprintf("nofile=%d:%d", files, files), fmt.Sprintf("nproc=%d:%d", processes, processes)}
}

// A control plane was seen to use 27 inotify instances and a worker 15. The values include a reserve for short-lived programs.
const (
	inotifyPerNode      = 20
	inotifyControlPlane = 15
	inotifyPlenty       = 1024
)

// shortOfInotify returns an obstacle if so many additional nodes would exceed the user's limit of inotify instances. Programs
// such as kube-proxy then fail with "too many open files".
func shortOfInotify(host Host, inUse uint64, nodes int) []obstacle {
	needed := uint64(inotifyControlPlane + inotifyPerNode*max(nodes, 0)) //nolint:gosec // a handful
	if nodes <= 0 || host.InotifyInstances == 0 || inUse+needed <= host.InotifyInstances {
		return nil
	}
	more := strconv.FormatUint(max(inotifyPlenty, inUse+needed), 10)
	return []obstacle{{
		found: fmt.Sprintf("%d of at most %d inotify instances per user (fs.inotify.max_user_instances) are in use, and %d nodes need about %d",
			inUse, host.InotifyInstances, nodes, needed),
		fix:   "sudo sysctl -w fs.inotify.max_user_instances=" + more,
		try:   func() error { return os.WriteFile(inotifyInstances, []byte(more), 0o644) },
		tried: "it was raised to " + more + " until the machine reboots",
	}}
}

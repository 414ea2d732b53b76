package engine

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Host is the machine on which containers run. The fields of the first block come from the engine. The others come from the
// kernel of this process; if the engine has another kernel, as in a virtual machine, they are zero or permissive.
type Host struct {
	Kernel        string // "6.1.0-40-amd64"
	OS            string // "debian 12"
	Architecture  string // as Go names it: "amd64"
	CPUs          int
	MemoryMiB     int64
	CgroupVersion string // "v1" or "v2"; a hybrid hierarchy is v1, because its controllers are
	Rootless      bool   // the engine does not run as root
	OtherKernel   bool   // the engine is in a virtual machine or on another machine

	// HybridCgroups is true if the hierarchy is v1 with an empty v2 one mounted below it.
	HybridCgroups bool
	// OpenFiles and Processes are this process's hard limits, and MostProcesses is kernel.pid_max.
	OpenFiles, Processes, MostProcesses uint64
	// CanRaiseLimits is true if this process may raise its hard limits (CAP_SYS_RESOURCE is effective).
	CanRaiseLimits bool
	// CanLowerOOMScore is true if a container can get the permission to lower OOM scores (CAP_SYS_RESOURCE is in the bounding
	// set). Otherwise containerd in a node must be configured not to lower them.
	CanLowerOOMScore bool
	// ForwardDropped is true if packets between containers on one bridge pass the FORWARD chain (bridge-nf-call-iptables) and
	// the chain drops those with addresses that podman does not know, such as Pods'.
	ForwardDropped bool
	// InotifyInstances is the maximum number of inotify instances per user; zero if unknown.
	InotifyInstances uint64
	// ModulesFolder is true if /lib/modules exists. Kind mounts it into every node.
	ModulesFolder bool
}

// capSysResource is the number of CAP_SYS_RESOURCE in the kernel's masks.
const capSysResource = 24

// observe combines the engine's report with what the kernel, and the iptables on this PATH, report.
func observe(ctx context.Context, reported info, path string) Host {
	host := Host{
		Kernel: reported.Kernel, OS: reported.OS, Architecture: reported.Architecture, CPUs: reported.CPUs,
		MemoryMiB: reported.MemoryBytes >> 20, CgroupVersion: reported.CgroupVersion, Rootless: reported.Rootless,
		CanRaiseLimits: true, CanLowerOOMScore: true, ModulesFolder: true,
	}
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	memory, _ := os.ReadFile("/proc/meminfo")
	if host.OtherKernel = !sameKernel(reported, string(release), string(memory)); host.OtherKernel {
		return host
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return host
	}
	host.CanRaiseLimits = hasCapability(string(status), "CapEff", capSysResource)
	host.CanLowerOOMScore = hasCapability(string(status), "CapBnd", capSysResource)
	host.OpenFiles = hardLimit(syscall.RLIMIT_NOFILE)
	host.Processes = hardLimit(rlimitProcesses)
	host.MostProcesses = readNumber("/proc/sys/kernel/pid_max")
	host.InotifyInstances = readNumber(inotifyInstances)
	mounts, _ := os.ReadFile("/proc/self/mounts")
	host.HybridCgroups = hybrid(string(mounts))
	_, err = os.Stat(modulesFolder)
	host.ModulesFolder = err == nil
	if readNumber("/proc/sys/net/bridge/bridge-nf-call-iptables") == 1 {
		host.ForwardDropped = dropsForwarded(forwardRules(ctx, path, "iptables")) ||
			dropsForwarded(forwardRules(ctx, path, "iptables-legacy"))
	}
	return host
}

const (
	modulesFolder    = "/lib/modules"
	inotifyInstances = "/proc/sys/fs/inotify/max_user_instances"
)

// inotifyInUse counts the inotify instances of all processes whose open files this process may list.
func inotifyInUse() uint64 {
	var count uint64
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, file := range files {
		if target, err := os.Readlink(file); err == nil && target == "anon_inode:inotify" {
			count++
		}
	}
	return count
}

// rlimitProcesses is RLIMIT_NPROC, which package syscall does not define.
const rlimitProcesses = 6

func hardLimit(resource int) uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(resource, &limit); err != nil {
		return 0
	}
	return limit.Max
}

func readNumber(path string) uint64 {
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return 0
	}
	number, _ := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	return number
}

// hasCapability reports whether a mask such as "CapEff:	000001fffeffffff" in /proc/PID/status contains a capability. It
// returns true if there is no such mask.
func hasCapability(status, mask string, number uint) bool {
	for line := range strings.SplitSeq(status, "\n") {
		value, found := strings.CutPrefix(line, mask+":")
		if !found {
			continue
		}
		bits, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
		return err != nil || bits&(1<<number) != 0
	}
	return true
}

// hybrid reports whether /proc/self/mounts contains both a v1 and a v2 hierarchy.
func hybrid(mounts string) bool {
	var v1, v2 bool
	for line := range strings.SplitSeq(mounts, "\n") {
		field := strings.Fields(line)
		if len(field) < 3 {
			continue
		}
		v1 = v1 || field[2] == "cgroup"
		v2 = v2 || field[2] == "cgroup2"
	}
	return v1 && v2
}

// forwardRules lists the FORWARD chain. It returns "" if the program does not exist or may not list it.
func forwardRules(ctx context.Context, path, program string) string {
	found, err := lookUp(path, program)
	if err != nil {
		return ""
	}
	rules, err := exec.CommandContext(ctx, found, "-S", "FORWARD").Output()
	if err != nil {
		return ""
	}
	return string(rules)
}

// dropsForwarded reports whether, according to `iptables -S FORWARD`, a packet between Pods over a podman bridge is dropped: the
// policy is DROP, and no rule of the chain itself accepts such packets regardless of their addresses.
func dropsForwarded(rules string) bool {
	drops := false
	for line := range strings.SplitSeq(rules, "\n") {
		switch strings.TrimSpace(line) {
		case "-P FORWARD DROP":
			drops = true
		case "-A FORWARD -j ACCEPT", forwardRule:
			return false
		}
	}
	return drops
}

// forwardRule accepts bridged packets between podman's containers and no others.
const forwardRule = "-A FORWARD -i podman+ -o podman+ -j ACCEPT"

package engine

import (
	"testing"

	. "github.com/onsi/gomega"
)

// ordinary is a machine on which nothing needs to be adapted.
func ordinary() Host {
	return Host{
		CgroupVersion: "v2", OpenFiles: 1 << 20, Processes: 4 << 20, MostProcesses: 4 << 20,
		CanRaiseLimits: true, CanLowerOOMScore: true, ModulesFolder: true,
	}
}

func TestAdapt(t *testing.T) {
	podman := info{Engine: Podman, Version: "5.4.2", Runtime: "crun", NetworkBackend: "netavark"}
	everything := map[string]bool{"runc": true, "iptables": true, "nft": true}
	for name, c := range map[string]struct {
		reported  info
		host      func(*Host)
		have      map[string]bool
		settings  settings
		adapted   []string
		obstacles []string
		unusable  []string
	}{
		"an ordinary machine":             {reported: podman},
		"an ordinary machine with docker": {reported: info{Engine: Docker, Version: "28.2.2"}},
		"cgroup v1 alone needs no change": {
			reported: podman, host: func(h *Host) { h.CgroupVersion = "v1" },
		},
		"limits that cannot be raised, when they are lower than podman's": {
			reported: podman, host: func(h *Host) { h.CanRaiseLimits, h.OpenFiles, h.Processes = false, 20000, 96365 },
			settings: settings{"containers": {"default_ulimits": []string{"nofile=20000:20000", "nproc=96365:96365"}}},
			adapted:  []string{"cannot be raised"},
		},
		"podman lowers its own limit of processes to pid_max": {
			reported: podman, host: func(h *Host) {
				h.CanRaiseLimits, h.OpenFiles, h.Processes, h.MostProcesses = false, 20000, 96365, 32768
			},
			settings: settings{"containers": {"default_ulimits": []string{"nofile=20000:20000", "nproc=32768:32768"}}},
			adapted:  []string{"cannot be raised"},
		},
		"limits that cannot be raised and need not be": {
			reported: podman, host: func(h *Host) { h.CanRaiseLimits = false },
		},
		"limits that can be raised": {
			reported: podman, host: func(h *Host) { h.OpenFiles = 1024 },
		},
		"rootless podman respects its limits by itself": {
			reported: info{Engine: Podman, Rootless: true}, host: func(h *Host) { h.CanRaiseLimits, h.OpenFiles = false, 1024 },
		},
		"a remote podman has limits of its own": {
			reported: info{Engine: Podman, Remote: true}, host: func(h *Host) { h.CanRaiseLimits, h.OpenFiles = false, 1024 },
		},
		"crun on a hybrid hierarchy": {
			reported: podman, host: func(h *Host) { h.HybridCgroups = true },
			settings: settings{"engine": {"runtime": "runc"}},
			adapted:  []string{"crun refuses"},
		},
		"runc on a hybrid hierarchy": {
			reported: info{Engine: Podman, Runtime: "runc"}, host: func(h *Host) { h.HybridCgroups = true },
		},
		"crun on a hybrid hierarchy, without runc": {
			reported: podman, host: func(h *Host) { h.HybridCgroups = true }, have: map[string]bool{"iptables": true},
			unusable: []string{"runc is not installed"},
		},
		"netavark without a firewall program": {
			reported: podman, have: map[string]bool{}, unusable: []string{"netavark needs iptables"},
		},
		"a firewall that would lose packets between Pods": {
			reported: podman, host: func(h *Host) { h.ForwardDropped = true },
			obstacles: []string{"sudo iptables -I FORWARD -i podman+ -o podman+ -j ACCEPT"},
		},
		"docker adds rules for its own bridges": {
			reported: info{Engine: Docker}, host: func(h *Host) { h.ForwardDropped = true },
		},
		"no /lib/modules": {
			reported: podman, host: func(h *Host) { h.ModulesFolder = false },
			obstacles: []string{"sudo mkdir /lib/modules"},
		},
		"an old docker without every capability": {
			reported: info{Engine: Docker, Version: "20.10.24"}, host: func(h *Host) { h.CanLowerOOMScore = false },
			unusable: []string{"CAP_SYS_RESOURCE"},
		},
		"rootless on cgroup v1": {
			reported: info{Engine: Docker, Version: "28.2.2", Rootless: true}, host: func(h *Host) { h.CgroupVersion = "v1" },
			unusable: []string{"needs cgroup v2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			host := ordinary()
			if c.host != nil {
				c.host(&host)
			}
			if c.have == nil {
				c.have = everything
			}
			got := adapt(c.reported, host, c.have)
			g.Expect(got.Settings).To(Equal(c.settings))
			g.Expect(got.Adaptations).To(HaveLen(len(c.adapted)))
			for i, want := range c.adapted {
				g.Expect(got.Adaptations[i].Found).To(ContainSubstring(want))
				g.Expect(got.Adaptations[i].Did).NotTo(BeEmpty())
			}
			g.Expect(got.Obstacles).To(HaveLen(len(c.obstacles)))
			for i, want := range c.obstacles {
				g.Expect(got.Obstacles[i].fix).To(Equal(want))
			}
			g.Expect(got.Unusable).To(HaveLen(len(c.unusable)))
			for i, want := range c.unusable {
				g.Expect(got.Unusable[i]).To(ContainSubstring(want))
			}
		})
	}
}

func TestDropsForwarded(t *testing.T) {
	for name, c := range map[string]struct {
		rules string
		drops bool
	}{
		"unknown":                {"", false},
		"accepts":                {"-P FORWARD ACCEPT\n", false},
		"as dockerd sets it":     {"-P FORWARD DROP\n-A FORWARD -j DOCKER-USER\n-A FORWARD -o docker0 -j DOCKER\n", true},
		"with the fix":           {"-P FORWARD DROP\n-A FORWARD -i podman+ -o podman+ -j ACCEPT\n-A FORWARD -j DOCKER-USER\n", false},
		"accepts everything":     {"-P FORWARD DROP\n-A FORWARD -j ACCEPT\n", false},
		"accepts some addresses": {"-P FORWARD DROP\n-A FORWARD -s 10.89.0.0/24 -j ACCEPT\n", true},
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(dropsForwarded(c.rules)).To(Equal(c.drops)) })
	}
}

func TestHasCapability(t *testing.T) {
	g := NewWithT(t)
	status := "Name:\tx\nCapEff:\t000001fffeffffff\nCapBnd:\t000001ffffffffff\n"
	g.Expect(hasCapability(status, "CapEff", capSysResource)).To(BeFalse())
	g.Expect(hasCapability(status, "CapBnd", capSysResource)).To(BeTrue())
	g.Expect(hasCapability("", "CapEff", capSysResource)).To(BeTrue(), "nothing is known")
}

func TestHybrid(t *testing.T) {
	g := NewWithT(t)
	const v1, v2 = "cgroup /sys/fs/cgroup/cpu cgroup rw 0 0\n", "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n"
	g.Expect(hybrid(v1 + v2)).To(BeTrue())
	g.Expect(hybrid(v1)).To(BeFalse())
	g.Expect(hybrid(v2)).To(BeFalse())
}

func TestShortOfInotify(t *testing.T) {
	g := NewWithT(t)
	host := Host{InotifyInstances: 128}
	g.Expect(shortOfInotify(host, 0, 3)).To(BeEmpty(), "one cluster of three nodes fits")
	short := shortOfInotify(host, 57, 3)
	g.Expect(short).To(HaveLen(1), "a second one does not")
	g.Expect(short[0].fix).To(Equal("sudo sysctl -w fs.inotify.max_user_instances=1024"))
	g.Expect(shortOfInotify(host, 127, 0)).To(BeEmpty(), "no nodes are requested")
	g.Expect(shortOfInotify(Host{}, 500, 3)).To(BeEmpty(), "nothing is known")
}

package engine

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// What engines on other kinds of machines report, shortened.
const (
	dockerDesktop = `{"ServerVersion":"28.3.2","Name":"docker-desktop","OperatingSystem":"Docker Desktop","KernelVersion":"6.10.14-linuxkit",
		"Architecture":"aarch64","NCPU":10,"MemTotal":8217473024,"CgroupVersion":"2","SecurityOptions":["name=seccomp,profile=unconfined","name=cgroupns"]}`
	podmanMachine = `{"host":{"arch":"arm64","cgroupVersion":"v2","cpus":5,"hostname":"localhost.localdomain","kernel":"6.11.3-200.fc40.aarch64",
		"memTotal":2042494976,"networkBackend":"netavark","serviceIsRemote":true,"distribution":{"distribution":"fedora","variant":"coreos","version":"40"},
		"ociRuntime":{"name":"crun"},"security":{"rootless":true},"remoteSocket":{"path":"/run/user/501/podman/podman.sock","exists":true}},
		"version":{"Version":"5.3.1"}}`
	rootlessDocker = `{"ServerVersion":"29.0.0","Name":"workstation","OperatingSystem":"Fedora Linux 43","KernelVersion":"6.17.1-300.fc43.x86_64",
		"Architecture":"x86_64","NCPU":8,"MemTotal":33441849344,"CgroupDriver":"systemd","CgroupVersion":"2",
		"SecurityOptions":["name=seccomp,profile=builtin","name=rootless","name=cgroupns"]}`
)

// The kernel of a workstation with Linux.
const (
	release = "6.17.1-300.fc43.x86_64\n"
	meminfo = "MemTotal:       32658056 kB\nMemFree:         1162760 kB\n"
)

func TestFactsAreThoseOfTheEnginesMachine(t *testing.T) {
	for name, c := range map[string]struct {
		engine, report string
		want           info
		same           bool // as the workstation's kernel
	}{
		"Docker Desktop": {Docker, dockerDesktop, info{Engine: Docker, Version: "28.3.2", Kernel: "6.10.14-linuxkit", OS: "Docker Desktop",
			Architecture: "arm64", CPUs: 10, MemoryBytes: 8217473024, CgroupVersion: "v2"}, false},
		"podman machine": {Podman, podmanMachine, info{Engine: Podman, Version: "5.3.1", Kernel: "6.11.3-200.fc40.aarch64", OS: "fedora 40",
			Architecture: "arm64", CPUs: 5, MemoryBytes: 2042494976, CgroupVersion: "v2", Rootless: true, Remote: true, Runtime: "crun", NetworkBackend: "netavark"}, false},
		"rootless docker": {Docker, rootlessDocker, info{Engine: Docker, Version: "29.0.0", Kernel: "6.17.1-300.fc43.x86_64", OS: "Fedora Linux 43",
			Architecture: "amd64", CPUs: 8, MemoryBytes: 33441849344, CgroupVersion: "v2", Rootless: true}, true},
		"another machine with the same kernel": {Docker, strings.Replace(rootlessDocker, "33441849344", "16720924672", 1), info{Engine: Docker, Version: "29.0.0",
			Kernel: "6.17.1-300.fc43.x86_64", OS: "Fedora Linux 43", Architecture: "amd64", CPUs: 8, MemoryBytes: 16720924672, CgroupVersion: "v2", Rootless: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			got, err := parseInfo(c.engine, c.report)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(c.want))
			g.Expect(sameKernel(got, release, meminfo)).To(Equal(c.same))
			g.Expect(sameKernel(got, "", "")).To(BeFalse(), "on macOS, which has no such files")
		})
	}
	NewWithT(t).Expect(sameKernel(info{}, release, meminfo)).To(BeTrue(), "an engine that names no kernel")
}

func TestLimitsOfThisMachineDoNotCountForAnEngineInAVirtualMachine(t *testing.T) {
	g := NewWithT(t)
	reported, err := parseInfo(Podman, podmanMachine)
	g.Expect(err).NotTo(HaveOccurred())
	host := observe(t.Context(), reported, "")
	g.Expect(host).To(Equal(Host{Kernel: "6.11.3-200.fc40.aarch64", OS: "fedora 40", Architecture: "arm64", CPUs: 5, MemoryMiB: 1947,
		CgroupVersion: "v2", Rootless: true, OtherKernel: true, CanRaiseLimits: true, CanLowerOOMScore: true, ModulesFolder: true}))
	g.Expect(adapt(reported, host, nil)).To(Equal(plan{}))
}

func TestRootlessDockerIsRefusedOnCgroupV1Alone(t *testing.T) {
	for version, want := range map[string]string{"1": "needs cgroup v2, but this machine has v1: run as root, or boot with systemd.unified_cgroup_hierarchy=1", "2": ""} {
		g := NewWithT(t)
		reported, err := parseInfo(Docker, strings.Replace(rootlessDocker, `"CgroupVersion":"2"`, `"CgroupVersion":"`+version+`"`, 1))
		g.Expect(err).NotTo(HaveOccurred())
		host := ordinary()
		host.CgroupVersion = reported.CgroupVersion
		g.Expect(strings.Join(adapt(reported, host, nil).Unusable, "")).To(HaveSuffix(want))
		g.Expect(adapt(reported, host, nil).Unusable).To(HaveLen(min(1, len(want))))
	}
}

func TestFarHost(t *testing.T) {
	own := func(host string) bool { return host == "127.0.0.1" || host == "localhost" || host == "::1" }
	for endpoint, want := range map[string]string{
		"":                                    "",
		"unix:///var/run/docker.sock":         "",
		"unix:///Users/me/.docker/run/d.sock": "",
		"npipe:////./pipe/docker_engine":      "",
		"tcp://127.0.0.1:2375":                "",
		"tcp://[::1]:2375":                    "",
		"ssh://core@127.0.0.1:53125/run/user/501/podman/podman.sock": "",
		"ssh://me@build.example.com":                                 "build.example.com",
		"tcp://192.0.2.7:2376":                                       "192.0.2.7",
		"https://192.0.2.7:2376":                                     "192.0.2.7",
	} {
		NewWithT(t).Expect(farHost(endpoint, own)).To(Equal(want), endpoint)
	}
}

func TestOwnHost(t *testing.T) {
	g := NewWithT(t)
	own := ownHost(t.Context())
	g.Expect(own("127.0.0.1")).To(BeTrue())
	g.Expect(own("::1")).To(BeTrue())
	g.Expect(own("192.0.2.77")).To(BeFalse(), "an address for documentation, which no machine has")
}

func TestDefaultConnection(t *testing.T) {
	g := NewWithT(t)
	const list = `[{"Name":"machine","URI":"ssh://core@127.0.0.1:53125/run/podman/podman.sock","Default":true},
		{"Name":"build","URI":"ssh://me@build.example.com/run/podman/podman.sock","Default":false}]`
	g.Expect(defaultConnection(list, "")).To(HavePrefix("ssh://core@127.0.0.1"))
	g.Expect(defaultConnection(list, "build")).To(HavePrefix("ssh://me@build.example.com"))
	g.Expect(defaultConnection(list, "gone")).To(BeEmpty())
	g.Expect(defaultConnection("", "")).To(BeEmpty())
}

func TestDetectRefusesAnEngineOnAnotherMachine(t *testing.T) {
	g := NewWithT(t)
	programs(t, map[string]string{
		"docker": `[ "$1" = info ] && echo '` + strings.ReplaceAll(rootlessDocker, "\n", "") + `' || echo "$DOCKER_HOST"`,
	})
	t.Setenv("DOCKER_HOST", "tcp://192.0.2.77:2376")
	_, err := Detect(t.Context(), Options{Name: Docker, Dir: t.TempDir()})
	g.Expect(err).To(MatchError(And(
		ContainSubstring("docker: its containers are on another machine, 192.0.2.77"),
		ContainSubstring("KUBECONFIG_FILE"),
		Not(ContainSubstring("systemctl start docker")),
	)))
	t.Setenv("DOCKER_HOST", "unix:///var/run/docker.sock")
	e, err := Detect(t.Context(), Options{Name: Docker, Dir: t.TempDir()})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(e.Host()).To(And(HaveField("CPUs", 8), HaveField("OtherKernel", true)), "it is in a virtual machine")
}

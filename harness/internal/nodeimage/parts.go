package nodeimage

import (
	"embed"
	"io/fs"
	"runtime"
	"slices"
	"strings"
)

// Image names. They are never pulled, so they stand under a host that no registry has.
const (
	repository = "localhost/noteproof/"
	nodeName   = repository + "node"
	// publishedName is what a pulled node image of kind is called here, so that it is found again without a registry.
	publishedName = repository + "kind-node"
)

// WorkloadKubernetes is the release whose agnhost the scenarios run, on every cluster alike.
const WorkloadKubernetes = "v1.37.2"

// WorkloadImage is the name under which manifests ask for the workload image, agnhost.
const WorkloadImage = repository + "agnhost:" + WorkloadKubernetes

// Labels of the images that are built here.
const (
	labelKubernetes = "io.noteproof.kubernetes" // the version
	labelInputs     = "io.noteproof.inputs"     // a hash of all that the image was made from
	labelBuiltFrom  = "io.noteproof.built-from" // modules, packages and their versions, as JSON
)

// layout is raised when the same inputs are put together in another way.
const layout = 1

// goProgram is a program built from a published Go module.
type goProgram struct {
	Name    string // of the executable
	Module  string
	Version string
	Package string // below the module; "" is its root
	Tags    string
	LDFlags []string
}

func (p goProgram) importPath() string {
	if p.Package == "" {
		return p.Module
	}
	return p.Module + "/" + p.Package
}

// kubernetes are the programs of a release.
func kubernetes(version string, r recipe) []goProgram {
	var all []goProgram
	for _, name := range []string{"kubeadm", "kubelet", "kubectl", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"} {
		all = append(all, kubernetesProgram(name, version, "cmd/"+name, r))
	}
	return all
}

func kubernetesProgram(name, version, pkg string, r recipe) goProgram {
	flags := slices.Clone(r.LDFlags)
	number := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	for _, stamped := range append([]string{"k8s.io/component-base/version"}, r.AlsoStamped...) {
		flags = append(flags, "-X "+stamped+".gitVersion="+version, "-X "+stamped+".gitMajor="+number[0], "-X "+stamped+".gitMinor="+number[1])
	}
	return goProgram{Name: name, Module: kubernetesModule, Version: version, Package: pkg, LDFlags: flags}
}

func agnhost() goProgram {
	return kubernetesProgram("agnhost", WorkloadKubernetes, "test/images/agnhost", recipeFor(WorkloadKubernetes))
}

// runtimePrograms are what a node needs besides Kubernetes.
func runtimePrograms() []goProgram {
	plain := []string{"-s", "-w"}
	const (
		containerd        = "github.com/containerd/containerd/v2"
		containerdVersion = "v2.4.2"
		cni               = "github.com/containernetworking/plugins"
		cniVersion        = "v1.9.1"
		// kind's own images are built without the snapshotters that a node in a container never uses.
		noSnapshotters = "no_btrfs,no_devmapper,no_zfs,no_aufs"
	)
	stamped := append(plain, "-X "+containerd+"/version.Version="+containerdVersion)
	return []goProgram{
		{"containerd", containerd, containerdVersion, "cmd/containerd", noSnapshotters, stamped},
		{"ctr", containerd, containerdVersion, "cmd/ctr", noSnapshotters, stamped},
		{"containerd-shim-runc-v2", containerd, containerdVersion, "cmd/containerd-shim-runc-v2", noSnapshotters, stamped},
		{"host-local", cni, cniVersion, "plugins/ipam/host-local", "", plain},
		{"loopback", cni, cniVersion, "plugins/main/loopback", "", plain},
		{"ptp", cni, cniVersion, "plugins/main/ptp", "", plain},
		{"portmap", cni, cniVersion, "plugins/meta/portmap", "", plain},
		provisioner(),
	}
}

func provisioner() goProgram {
	return goProgram{"local-path-provisioner", "github.com/rancher/local-path-provisioner", "v0.0.30", "", "", []string{"-s", "-w"}}
}

// addons are the programs whose versions the Kubernetes release chooses, by the name of their image.
func addon(image, version string, r recipe) (goProgram, bool) {
	flags := append([]string{"-s", "-w"}, r.AddonLDFlags...)
	switch image {
	case "etcd":
		return goProgram{"etcd", "go.etcd.io/etcd/server/v3", version, "", "", flags}, true
	case "coredns":
		return goProgram{"coredns", "github.com/coredns/coredns", version, "", "", flags}, true
	}
	return goProgram{}, false
}

// debian is a root file system made of Debian packages.
type debian struct {
	Name     string
	Suite    string
	Variant  string   // of mmdebstrap
	Packages []string // besides the variant's own
	Drop     []string // paths that are left out, see dropped
}

// Debian 12 has the last systemd that still runs on a host with cgroup v1.
const suite = "bookworm"

// nodeDebian is the root of a node: the packages and the removals of kind's images/base/Dockerfile.
func nodeDebian() debian {
	return debian{Name: "node", Suite: suite, Variant: "minbase",
		Packages: []string{"systemd", "dbus", "conntrack", "iptables", "nftables", "iproute2", "ethtool", "util-linux", "mount",
			"kmod", "libseccomp2", "e2fsprogs", "ca-certificates", "curl", "jq", "procps", "runc", "socat", "pigz"},
		Drop: append(ballast(),
			"usr/lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service",
			"usr/lib/systemd/system/multi-user.target.wants/*",
			"usr/lib/systemd/system/local-fs.target.wants/*",
			"usr/lib/systemd/system/sockets.target.wants/*udev*",
			"usr/lib/systemd/system/sockets.target.wants/*initctl*",
			"usr/lib/systemd/system/basic.target.wants/*",
			"etc/systemd/system/*.wants/*"),
	}
}

// baseDebian is below the images that speak to the node's network: kube-proxy, podroutes, and the storage helper.
func baseDebian() debian {
	return debian{Name: "base", Suite: suite, Variant: "essential", Drop: ballast(),
		Packages: []string{"iptables", "nftables", "conntrack", "iproute2", "kmod"}}
}

// workloadDebian is below agnhost and brings the tools that Kubernetes' own agnhost image has.
func workloadDebian() debian {
	return debian{Name: "workload", Suite: suite, Variant: "essential", Drop: ballast(),
		Packages: []string{"bind9-dnsutils", "curl", "iproute2", "iputils-ping", "netcat-openbsd", "socat", "ca-certificates", "procps"}}
}

// ballast is what no container needs, and what mmdebstrap copies from the machine that it runs on.
func ballast() []string {
	return []string{"dev/", "usr/share/doc/", "usr/share/doc-base/", "usr/share/man/", "usr/share/info/", "usr/share/locale/",
		"var/cache/apt/", "var/cache/debconf/", "var/lib/apt/lists/", "var/log/",
		"etc/resolv.conf", "etc/hostname", "etc/machine-id", "etc/apt/sources.list"}
}

// ours are the files of this folder that go into images: manifests, configuration, and the source of podroutes.
//
//go:embed files podroutes/*.go
var ours embed.FS

func ourFile(name string) string {
	data, err := fs.ReadFile(ours, "files/"+name)
	if err != nil {
		panic(err) // it is compiled in
	}
	return string(data)
}

// ourFiles maps every file of ours to its content, for hashing. Tests are not part of an image.
func ourFiles() map[string]string {
	all := map[string]string{}
	err := fs.WalkDir(ours, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(p, "_test.go") {
			return err
		}
		data, err := fs.ReadFile(ours, p)
		all[p] = string(data)
		return err
	})
	if err != nil {
		panic(err) // it is compiled in
	}
	return all
}

// platform is what is built: this machine's own.
func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }

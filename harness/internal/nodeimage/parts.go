package nodeimage

import (
	"cmp"
	"embed"
	"io/fs"
	"runtime"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Repository begins the names that noteproof gives to images which it builds or has pulled. Nothing is pulled under these names,
// so their host is not a registry's.
const Repository = "localhost/noteproof/"

const (
	nodeName = Repository + "node"
	// publishedName is our tag for pulled node images of kind, by which they are found without a registry.
	publishedName = Repository + "kind-node"
)

// WorkloadKubernetes is the release of the agnhost that the scenarios run, on clusters of all versions.
const WorkloadKubernetes = "v1.37.2"

// WorkloadImage is the name of the workload image, agnhost. Its last number is increased when an image that is built here changes, so
// that clusters and engines that have an older one load the new one.
const WorkloadImage = Repository + "agnhost:" + WorkloadKubernetes + "-2"

// PublishedWorkload is the agnhost that the Kubernetes project publishes with the same release.
const PublishedWorkload = "registry.k8s.io/e2e-test-images/agnhost:2.66.1"

// Labels of the images that are built here.
const (
	labelKubernetes = "io.noteproof.kubernetes" // the version
	LabelInputs     = "io.noteproof.inputs"     // a hash of everything that the image was built from
	labelBuiltFrom  = "io.noteproof.built-from" // of a node image: modules, packages and versions, as JSON; else as text
)

// layout is increased when the same inputs are to be assembled differently.
const layout = 1

// goProgram is a program built from a published Go module.
type goProgram struct {
	Name    string // of the executable
	Module  string
	Version string
	Package string // relative to the module; "" is its root
	Tags    string
	LDFlags []string
	// Main is the source of the main package; empty if Package is the main package.
	Main string
}

// buildPath returns what go build is told to build in the derived module.
func (p goProgram) buildPath() string {
	switch {
	case p.Main != "":
		return "."
	case p.Package == "":
		return p.Module
	default:
		return p.Module + "/" + p.Package
	}
}

// kubernetes returns the programs of a release.
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

// runtimePrograms returns the programs that a node needs in addition to Kubernetes.
func runtimePrograms() []goProgram {
	plain := []string{"-s", "-w"}
	const (
		containerd        = "github.com/containerd/containerd/v2"
		containerdVersion = "v2.4.2"
		cni               = "github.com/containernetworking/plugins"
		cniVersion        = "v1.9.1"
		// As in kind's own images: without snapshotters that a node in a container does not use.
		noSnapshotters = "no_btrfs,no_devmapper,no_zfs,no_aufs"
	)
	stamped := append(plain, "-X "+containerd+"/version.Version="+containerdVersion)
	return []goProgram{
		{"containerd", containerd, containerdVersion, "cmd/containerd", noSnapshotters, stamped, ""},
		{"ctr", containerd, containerdVersion, "cmd/ctr", noSnapshotters, stamped, ""},
		{"containerd-shim-runc-v2", containerd, containerdVersion, "cmd/containerd-shim-runc-v2", noSnapshotters, stamped, ""},
		{"host-local", cni, cniVersion, "plugins/ipam/host-local", "", plain, ""},
		{"loopback", cni, cniVersion, "plugins/main/loopback", "", plain, ""},
		{"ptp", cni, cniVersion, "plugins/main/ptp", "", plain, ""},
		{"portmap", cni, cniVersion, "plugins/meta/portmap", "", plain, ""},
		provisioner(),
	}
}

func provisioner() goProgram {
	return goProgram{"local-path-provisioner", "github.com/rancher/local-path-provisioner", "v0.0.30", "", "", []string{"-s", "-w"}, ""}
}

// addon returns the program of an image whose version the Kubernetes release determines, and false for any other image.
func addon(image, version string, r recipe) (goProgram, bool) {
	flags := append([]string{"-s", "-w"}, r.AddonLDFlags...)
	switch image {
	case "etcd":
		return goProgram{"etcd", "go.etcd.io/etcd/server/v3", version, "", "", flags, ""}, true
	case "coredns":
		return goProgram{"coredns", "github.com/coredns/coredns", version, "", "", flags, corednsMain()}, true
	}
	return goProgram{}, false
}

// corednsMain returns CoreDNS's main package with the plugins that a cluster's Corefile uses, and some that users add to it. The
// program that the project publishes also contains the clients of several clouds, which are most of what is compiled.
func corednsMain() string {
	text := "package main\n\nimport (\n\t\"github.com/coredns/coredns/coremain\"\n\n"
	for _, plugin := range []string{"acl", "any", "autopath", "bind", "bufsize", "cache", "cancel", "debug", "dns64", "errors", "file", "forward", "health",
		"hosts", "kubernetes", "loadbalance", "log", "loop", "metadata", "metrics", "pprof", "ready", "reload", "rewrite", "template", "whoami"} {
		text += "\t_ \"github.com/coredns/coredns/plugin/" + plugin + "\"\n"
	}
	return text + ")\n\nfunc main() { coremain.Run() }\n"
}

// debian is a root file system of Debian packages.
type debian struct {
	Name     string
	Suite    string
	Variant  string   // of mmdebstrap
	Packages []string // in addition to the variant's own
	Drop     []string // patterns of paths to omit, see dropped
}

// suite is Debian 12, the last one whose systemd runs on a host with cgroup v1.
const suite = "bookworm"

// nodeDebian returns the root file system of a node, with the packages and the removals of kind's images/base/Dockerfile.
func nodeDebian() debian {
	return debian{Name: "node", Suite: suite, Variant: "minbase",
		Packages: []string{"systemd", "dbus", "conntrack", "iptables", "nftables", "iproute2", "ethtool", "util-linux", "mount",
			"kmod", "libseccomp2", "e2fsprogs", "ca-certificates", "curl", "jq", "procps", "runc", "socat", "pigz"},
		Drop: append(unneeded(),
			"usr/lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service",
			"usr/lib/systemd/system/multi-user.target.wants/*",
			"usr/lib/systemd/system/local-fs.target.wants/*",
			"usr/lib/systemd/system/sockets.target.wants/*udev*",
			"usr/lib/systemd/system/sockets.target.wants/*initctl*",
			"usr/lib/systemd/system/basic.target.wants/*",
			"etc/systemd/system/*.wants/*"),
	}
}

// baseDebian returns the base of kube-proxy and podroutes, which configure the node's network, and of the storage helper. In IPVS mode
// kube-proxy runs ipset.
func baseDebian() debian {
	return debian{Name: "base", Suite: suite, Variant: "essential", Drop: unneeded(),
		Packages: []string{"iptables", "nftables", "conntrack", "iproute2", "ipset", "kmod"}}
}

// unneeded returns patterns of what no container needs, and of what mmdebstrap copies from the machine on which it runs.
func unneeded() []string {
	return []string{"dev/", "usr/share/doc/", "usr/share/doc-base/", "usr/share/man/", "usr/share/info/", "usr/share/locale/",
		"var/cache/apt/", "var/cache/debconf/", "var/lib/apt/lists/", "var/log/",
		"etc/resolv.conf", "etc/hostname", "etc/machine-id", "etc/apt/sources.list"}
}

// embedded contains the files of this folder that images are built from: manifests, configuration and podroutes' source.
//
//go:embed files podroutes/*.go
var embedded embed.FS

func embeddedFile(name string) string {
	data, err := fs.ReadFile(embedded, "files/"+name)
	if err != nil {
		panic(err) // the files are embedded
	}
	return string(data)
}

// contents maps the paths of embedded files to their content, for hashing. It omits tests, which no image contains, and the constraint in
// the name of a file, which changes nothing of what is built for Linux.
func contents(files embed.FS) map[string]string {
	all := map[string]string{}
	err := fs.WalkDir(files, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(p, "_test.go") {
			return err
		}
		data, err := fs.ReadFile(files, p)
		all[strings.Replace(p, "_linux.go", ".go", 1)] = string(data)
		return err
	})
	if err != nil {
		panic(err) // the files are embedded
	}
	return all
}

// embeddedTools is the source of the shell and the commands of a workload image that is built here.
//
//go:embed tools/*.go tools/names.txt
var embeddedTools embed.FS

// platform returns the platform that images are built or pulled for. Containers run Linux, also on a Mac, where the engine has a
// virtual machine.
func (s *Source) platform() string { return "linux/" + s.architecture() }

// wanted returns platform as a registry has it.
func (s *Source) wanted() v1.Platform {
	return v1.Platform{OS: "linux", Architecture: s.architecture()}
}

func (s *Source) architecture() string { return cmp.Or(s.Architecture, s.machine()) }

// machine returns the architecture of the engine's machine.
func (s *Source) machine() string { return cmp.Or(s.Machine, runtime.GOARCH) }

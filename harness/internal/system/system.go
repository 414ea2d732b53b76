// Package system knows the user's system: the commands with which it installs and starts what noteproof needs, and whose process this is.
package system

import (
	"bufio"
	"os"
	"runtime"
	"strings"
)

// System is what decides how something is installed or started on this machine. The zero value is a system that is not known.
type System struct {
	family  family
	systemd bool // systemd manages its services
	wsl     bool // it is a Linux in Windows (WSL2)
	asRoot  bool // this process is root's
}

// family is a group of systems with the same package manager.
type family string

const (
	debian  family = "debian"
	fedora  family = "fedora"
	arch    family = "arch"
	suse    family = "suse"
	alpine  family = "alpine"
	macOS   family = "macos"
	unknown family = ""
)

// Facts are what a System is recognized by.
type Facts struct {
	GOOS      string
	OSRelease string // the text of os-release(5)
	Kernel    string // the text of /proc/version
	Systemd   bool   // sd_booted(3)
	Root      bool
}

// This returns the system of this machine.
func This() System {
	release, err := os.ReadFile("/etc/os-release")
	if err != nil {
		release, _ = os.ReadFile("/usr/lib/os-release")
	}
	kernel, _ := os.ReadFile("/proc/version")
	_, err = os.Stat("/run/systemd/system")
	return Of(Facts{GOOS: runtime.GOOS, OSRelease: string(release), Kernel: string(kernel), Systemd: err == nil, Root: os.Geteuid() == 0})
}

// Of recognizes a system. It is pure.
func Of(f Facts) System {
	s := System{systemd: f.Systemd, wsl: strings.Contains(strings.ToLower(f.Kernel), "microsoft"), asRoot: f.Root}
	if f.GOOS == "darwin" {
		s.family = macOS
		return s
	}
	for _, id := range ids(f.OSRelease) {
		if s.family = families[id]; s.family != unknown {
			break
		}
	}
	return s
}

// families maps the IDs in os-release to families.
var families = map[string]family{
	"debian": debian, "ubuntu": debian, "fedora": fedora, "rhel": fedora, "centos": fedora, "arch": arch,
	"suse": suse, "opensuse": suse, "alpine": alpine,
}

// ids returns the ID of an os-release, and then those of the systems that it is like, the most similar first.
func ids(release string) []string {
	values := map[string]string{}
	for lines := bufio.NewScanner(strings.NewReader(release)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		values[name] = strings.Trim(value, `"'`)
	}
	return append([]string{values["ID"]}, strings.Fields(values["ID_LIKE"])...)
}

// installers are the commands that install packages.
var installers = map[family]string{
	debian: "apt-get install", fedora: "dnf install", arch: "pacman -S", suse: "zypper install", alpine: "apk add", macOS: "brew install",
}

// Program is one of those that noteproof runs.
type Program string

// The programs that may be missing.
const (
	Docker     Program = "docker"
	Podman     Program = "podman"
	Nerdctl    Program = "nerdctl"
	Compiler   Program = "cc"
	Mmdebstrap Program = "mmdebstrap"
	// ArchTest finds out whether programs of another architecture can be run, which qemu's user emulation makes possible.
	ArchTest Program = "arch-test"
	// CompilerForARM and CompilerForAMD build C programs for arm64 and amd64 on another machine.
	CompilerForARM Program = "aarch64-linux-gnu-gcc"
	CompilerForAMD Program = "x86_64-linux-gnu-gcc"
)

// packages are the packages that contain a program and what it needs to work. What is not there has no package.
var packages = map[Program]map[family]string{
	Docker: {debian: "docker.io", fedora: "moby-engine", arch: "docker", suse: "docker", alpine: "docker", macOS: "--cask docker-desktop"},
	Podman: {debian: "podman runc netavark aardvark-dns iptables", fedora: "podman", arch: "podman", suse: "podman", alpine: "podman",
		macOS: "podman"},
	Nerdctl:        {arch: "nerdctl", alpine: "nerdctl"},
	Compiler:       {debian: "gcc libc6-dev", fedora: "gcc glibc-static", arch: "gcc", suse: "gcc glibc-devel-static", alpine: "gcc musl-dev"},
	Mmdebstrap:     {debian: "mmdebstrap debian-archive-keyring", fedora: "mmdebstrap debian-keyring"},
	ArchTest:       {debian: "arch-test qemu-user-static"},
	CompilerForARM: {debian: "gcc-aarch64-linux-gnu libc6-dev-arm64-cross", arch: "aarch64-linux-gnu-gcc"},
	CompilerForAMD: {debian: "gcc-x86-64-linux-gnu libc6-dev-amd64-cross"},
}

// pages say how programs without a package are installed.
var pages = map[Program]string{
	Docker: "https://docs.docker.com/engine/install", Podman: "https://podman.io/docs/installation",
	Nerdctl: "https://github.com/containerd/nerdctl",
}

// Install returns how a program is installed here, or "" if this system does not have it.
func (s System) Install(p Program) string {
	if names := packages[p][s.family]; names != "" {
		return s.sudo(installers[s.family] + " " + names)
	}
	if page := pages[p]; page != "" {
		return "see " + page
	}
	return ""
}

// Start returns how a container engine that is installed and does not work is started here. Podman on Linux has no daemon.
func (s System) Start(engine Program) string {
	switch {
	case s.family == macOS && engine == Docker:
		return "open -a Docker"
	case s.family == macOS && engine == Podman:
		return "podman machine start (before the first time: podman machine init)"
	case s.family == macOS:
		return "start the virtual machine of containerd"
	case engine == Podman:
		return "its error is above; what it needs: " + s.Install(Podman)
	case s.wsl && engine == Docker && !s.systemd:
		return "start Docker Desktop on Windows and allow it this distribution (Settings, Resources, WSL integration), or " + s.sudo("service docker start")
	}
	return s.startService(map[Program]string{Docker: "docker", Nerdctl: "containerd"}[engine])
}

func (s System) startService(name string) string {
	switch {
	case s.systemd:
		return s.sudo("systemctl start " + name)
	case s.family == alpine:
		return s.sudo("rc-service " + name + " start")
	}
	return s.sudo("service " + name + " start")
}

// Join returns how a user is permitted to use docker's daemon here; "" where nobody needs a permission.
func (s System) Join() string {
	if s.family == macOS || s.asRoot {
		return ""
	}
	return "sudo usermod -aG docker $USER, then log in again"
}

// sudo returns a command that needs root. Homebrew must not have it.
func (s System) sudo(command string) string {
	if s.asRoot || s.family == macOS {
		return command
	}
	return "sudo " + command
}

package system

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

const wslKernel = "Linux version 6.6.87.2-microsoft-standard-WSL2 (root@builder) (gcc 11.2.0) #1 SMP"

// recorded returns a system with a recorded os-release.
func recorded(t *testing.T, name string, more Facts) System {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	more.GOOS, more.OSRelease = "linux", string(text)
	return Of(more)
}

func TestRemediesOfRecordedSystems(t *testing.T) {
	for _, test := range []struct {
		name                          string
		facts                         Facts
		podman, mmdebstrap, startsEng string
	}{
		{"debian-12", Facts{Root: true}, "apt-get install podman runc netavark aardvark-dns iptables",
			"apt-get install mmdebstrap debian-archive-keyring", "service docker start"},
		{"ubuntu-24.04", Facts{Systemd: true}, "sudo apt-get install podman runc netavark aardvark-dns iptables",
			"sudo apt-get install mmdebstrap debian-archive-keyring", "sudo systemctl start docker"},
		{"ubuntu-24.04", Facts{Kernel: wslKernel}, "sudo apt-get install podman runc netavark aardvark-dns iptables",
			"sudo apt-get install mmdebstrap debian-archive-keyring",
			"start Docker Desktop on Windows and allow it this distribution (Settings, Resources, WSL integration), or sudo service docker start"},
		{"ubuntu-24.04", Facts{Kernel: wslKernel, Systemd: true}, "sudo apt-get install podman runc netavark aardvark-dns iptables",
			"sudo apt-get install mmdebstrap debian-archive-keyring", "sudo systemctl start docker"},
		{"fedora-42", Facts{Systemd: true}, "sudo dnf install podman", "sudo dnf install mmdebstrap debian-keyring", "sudo systemctl start docker"},
		{"rocky-9", Facts{Systemd: true}, "sudo dnf install podman", "sudo dnf install mmdebstrap debian-keyring", "sudo systemctl start docker"},
		{"arch", Facts{Systemd: true}, "sudo pacman -S podman", "", "sudo systemctl start docker"},
		{"manjaro", Facts{Systemd: true}, "sudo pacman -S podman", "", "sudo systemctl start docker"},
		{"opensuse-tumbleweed", Facts{Systemd: true}, "sudo zypper install podman", "", "sudo systemctl start docker"},
		{"alpine-3.22", Facts{}, "sudo apk add podman", "", "sudo rc-service docker start"},
		{"nixos", Facts{Systemd: true}, "see https://podman.io/docs/installation", "", "sudo systemctl start docker"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := NewWithT(t)
			s := recorded(t, test.name, test.facts)
			g.Expect(s.Install(Podman)).To(Equal(test.podman))
			g.Expect(s.Install(Mmdebstrap)).To(Equal(test.mmdebstrap))
			g.Expect(s.Start(Docker)).To(Equal(test.startsEng))
		})
	}
}

func TestRemediesOfMacOS(t *testing.T) {
	g := NewWithT(t)
	s := Of(Facts{GOOS: "darwin"})
	g.Expect(s.Install(Docker)).To(Equal("brew install --cask docker-desktop"))
	g.Expect(s.Install(Podman)).To(Equal("brew install podman"))
	g.Expect(s.Install(Mmdebstrap)).To(BeEmpty(), "it is for Linux only")
	g.Expect(s.Start(Docker)).To(Equal("open -a Docker"))
	g.Expect(s.Start(Podman)).To(HavePrefix("podman machine start"))
	g.Expect(s.Join()).To(BeEmpty(), "there is no group docker")
}

func TestJoin(t *testing.T) {
	g := NewWithT(t)
	g.Expect(recorded(t, "fedora-42", Facts{}).Join()).To(HavePrefix("sudo usermod -aG docker"))
	g.Expect(recorded(t, "fedora-42", Facts{Root: true}).Join()).To(BeEmpty())
}

package engine

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestParseInfo(t *testing.T) {
	for name, c := range map[string]struct {
		engine, text string
		want         info
		err          string
	}{
		"podman": {
			engine: Podman,
			text: `{"host":{"arch":"amd64","cgroupVersion":"v1","cpus":2,"memTotal":25276510208,"kernel":"6.18.44","networkBackend":"netavark",
				"distribution":{"distribution":"debian","version":"12"},"ociRuntime":{"name":"runc"},"security":{"rootless":false},"serviceIsRemote":false},
				"version":{"Version":"4.3.1"}}`,
			want: info{Engine: Podman, Version: "4.3.1", Kernel: "6.18.44", OS: "debian 12", Architecture: "amd64", CPUs: 2,
				MemoryBytes: 25276510208, CgroupVersion: "v1", Runtime: "runc", NetworkBackend: "netavark"},
		},
		"docker": {
			engine: Docker,
			text: `{"ServerVersion":"28.2.2","KernelVersion":"6.1.0","OperatingSystem":"Debian GNU/Linux 12 (bookworm)","Architecture":"x86_64",
				"CgroupVersion":"2","NCPU":8,"MemTotal":1024,"SecurityOptions":["name=seccomp,profile=builtin","name=rootless"]}`,
			want: info{Engine: Docker, Version: "28.2.2", Kernel: "6.1.0", OS: "Debian GNU/Linux 12 (bookworm)", Architecture: "amd64",
				CPUs: 8, MemoryBytes: 1024, CgroupVersion: "v2", Rootless: true},
		},
		"a docker client without a daemon": {
			engine: Docker, text: `{"ServerVersion":"","ServerErrors":["Cannot connect to the Docker daemon"]}`, err: "Cannot connect",
		},
		"podman called docker": {engine: Docker, text: `{"host":{}}`, err: "an alias of another engine"},
		"not JSON":             {engine: Podman, text: "hello", err: "parse the output of podman info"},
		"something else":       {engine: Podman, text: "{}", err: "reports no version"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			got, err := parseInfo(c.engine, c.text)
			if c.err != "" {
				g.Expect(err).To(MatchError(ContainSubstring(c.err)))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(c.want))
		})
	}
}

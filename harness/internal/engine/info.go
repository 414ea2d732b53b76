package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// info is what an engine says of itself and of its machine, which need not be ours: it may be a virtual machine.
type info struct {
	Engine, Version          string
	Kernel, OS, Architecture string
	CPUs                     int
	MemoryBytes              int64
	CgroupVersion            string // "v1" or "v2"
	Rootless                 bool
	Remote                   bool   // podman's client talks to a service elsewhere
	Runtime                  string // podman's OCI runtime, such as "crun"
	NetworkBackend           string // podman's, such as "netavark"
}

func infoFormat(engine string) string {
	if engine == Podman {
		return "json"
	}
	return "{{json .}}"
}

func parseInfo(engine, text string) (info, error) {
	if engine == Podman {
		return parsePodman(text)
	}
	return parseDocker(engine, text)
}

// parseDocker reads what docker info and nerdctl info write. A docker client without a daemon answers too, with
// everything empty.
func parseDocker(engine, text string) (info, error) {
	var said struct {
		ServerVersion, KernelVersion, OperatingSystem, Architecture, CgroupVersion string
		NCPU                                                                       int
		MemTotal                                                                   int64
		SecurityOptions, ServerErrors                                              []string
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		return info{}, fmt.Errorf("read what %s info says: %w", engine, err)
	}
	if len(said.ServerErrors) > 0 {
		return info{}, errors.New(strings.Join(said.ServerErrors, "; "))
	}
	if said.ServerVersion == "" {
		return info{}, fmt.Errorf("%s info names no server; is %s another engine's stand-in?", engine, engine)
	}
	return info{
		Engine: engine, Version: strings.TrimPrefix(said.ServerVersion, "v"),
		Kernel: said.KernelVersion, OS: said.OperatingSystem, Architecture: architecture(said.Architecture),
		CPUs: said.NCPU, MemoryBytes: said.MemTotal,
		CgroupVersion: cgroupVersion(said.CgroupVersion),
		Rootless:      strings.Contains(strings.Join(said.SecurityOptions, " "), "rootless"),
	}, nil
}

func parsePodman(text string) (info, error) {
	var said struct {
		Host struct {
			Arch, Kernel, CgroupVersion, NetworkBackend string
			CPUs                                        int
			MemTotal                                    int64
			ServiceIsRemote                             bool
			Distribution                                struct{ Distribution, Version string }
			OCIRuntime                                  struct{ Name string }
			Security                                    struct{ Rootless bool }
		}
		Version struct{ Version string }
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		return info{}, fmt.Errorf("read what podman info says: %w", err)
	}
	if said.Version.Version == "" {
		return info{}, errors.New("podman info names no version")
	}
	host := said.Host
	return info{
		Engine: Podman, Version: said.Version.Version,
		Kernel: host.Kernel, OS: strings.TrimSpace(host.Distribution.Distribution + " " + host.Distribution.Version),
		Architecture: architecture(host.Arch), CPUs: host.CPUs, MemoryBytes: host.MemTotal,
		CgroupVersion: cgroupVersion(host.CgroupVersion), Rootless: host.Security.Rootless,
		Remote: host.ServiceIsRemote, Runtime: host.OCIRuntime.Name, NetworkBackend: host.NetworkBackend,
	}, nil
}

// architecture speaks Go's names, as Kubernetes and image manifests do.
func architecture(name string) string {
	switch name {
	case "x86_64":
		return "amd64"
	case "aarch64":
		return "arm64"
	default:
		return name
	}
}

// cgroupVersion reads "1", "v1", "2" and "v2"; engines too old to say know only version 1.
func cgroupVersion(said string) string {
	if strings.TrimPrefix(said, "v") == "2" {
		return "v2"
	}
	return "v1"
}

package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// info is an engine's report about itself and its machine, which may be a virtual machine instead of this one.
type info struct {
	Engine, Version          string
	Kernel, OS, Architecture string
	CPUs                     int
	MemoryBytes              int64
	CgroupVersion            string // "v1" or "v2"
	Rootless                 bool
	Remote                   bool   // podman's client uses a service, in a virtual machine or elsewhere
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

// parseDocker parses the output of docker info or nerdctl info. A docker client without a daemon prints empty fields.
func parseDocker(engine, text string) (info, error) {
	var out struct {
		ServerVersion, KernelVersion, OperatingSystem, Architecture, CgroupVersion string
		NCPU                                                                       int
		MemTotal                                                                   int64
		SecurityOptions, ServerErrors                                              []string
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return info{}, fmt.Errorf("parse the output of %s info: %w", engine, err)
	}
	if len(out.ServerErrors) > 0 {
		return info{}, errors.New(strings.Join(out.ServerErrors, "; "))
	}
	if out.ServerVersion == "" {
		return info{}, fmt.Errorf("%s info reports no server; is %s an alias of another engine?", engine, engine)
	}
	return info{
		Engine: engine, Version: strings.TrimPrefix(out.ServerVersion, "v"),
		Kernel: out.KernelVersion, OS: out.OperatingSystem, Architecture: architecture(out.Architecture),
		CPUs: out.NCPU, MemoryBytes: out.MemTotal,
		CgroupVersion: cgroupVersion(out.CgroupVersion),
		Rootless:      strings.Contains(strings.Join(out.SecurityOptions, " "), "rootless"),
	}, nil
}

func parsePodman(text string) (info, error) {
	var out struct {
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
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return info{}, fmt.Errorf("parse the output of podman info: %w", err)
	}
	if out.Version.Version == "" {
		return info{}, errors.New("podman info reports no version")
	}
	host := out.Host
	return info{
		Engine: Podman, Version: out.Version.Version,
		Kernel: host.Kernel, OS: strings.TrimSpace(host.Distribution.Distribution + " " + host.Distribution.Version),
		Architecture: architecture(host.Arch), CPUs: host.CPUs, MemoryBytes: host.MemTotal,
		CgroupVersion: cgroupVersion(host.CgroupVersion), Rootless: host.Security.Rootless,
		Remote: host.ServiceIsRemote, Runtime: host.OCIRuntime.Name, NetworkBackend: host.NetworkBackend,
	}, nil
}

// architecture converts an architecture to Go's name for it, which Kubernetes and image manifests use too.
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

// cgroupVersion normalizes "1", "v1", "2" and "v2". Engines that are too old to report a version support only version 1.
func cgroupVersion(reported string) string {
	if strings.TrimPrefix(reported, "v") == "2" {
		return "v2"
	}
	return "v1"
}

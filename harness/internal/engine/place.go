package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
)

// sameKernel reports whether the engine runs on the kernel of this process, given what the kernel reports about itself. Then the
// limits of this machine are those of the containers. It does not if it is in a virtual machine, as Docker Desktop and podman
// machine are, or elsewhere. An engine that does not name its kernel is assumed to be on this one.
func sameKernel(reported info, release, meminfo string) bool {
	if reported.Kernel == "" {
		return true
	}
	return reported.Kernel == strings.TrimSpace(release) && reported.MemoryBytes == totalMemory(meminfo)
}

// totalMemory returns the bytes of memory in /proc/meminfo; 0 if it does not name them.
func totalMemory(meminfo string) int64 {
	for line := range strings.Lines(meminfo) {
		var kibibytes int64
		if n, _ := fmt.Sscanf(line, "MemTotal: %d kB", &kibibytes); n == 1 {
			return kibibytes << 10
		}
	}
	return 0
}

// endpoint returns the address at which the engine's client reaches its service, such as "unix:///var/run/docker.sock" or
// "ssh://me@build.example.com"; empty if there is no service or its address is unknown.
func (e *Engine) endpoint(ctx context.Context, reported info) string {
	switch {
	case e.name == Docker:
		// The context that DOCKER_HOST, DOCKER_CONTEXT or `docker context use` selects.
		address, _ := e.Run(ctx, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
		return address
	case e.name == Podman && reported.Remote:
		if address := os.Getenv("CONTAINER_HOST"); address != "" {
			return address
		}
		list, _ := e.Run(ctx, "system", "connection", "list", "--format", "json")
		return defaultConnection(list, os.Getenv("CONTAINER_CONNECTION"))
	default:
		return ""
	}
}

// defaultConnection returns the address of the connection with this name in the output of `podman system connection list`, or of
// the default one if the name is empty; empty if there is none.
func defaultConnection(list, name string) string {
	var connections []struct {
		Name, URI string
		Default   bool
	}
	if err := json.Unmarshal([]byte(list), &connections); err != nil {
		return ""
	}
	for _, c := range connections {
		if name == "" && c.Default || name != "" && c.Name == name {
			return c.URI
		}
	}
	return ""
}

// farHost returns the host of an engine's address if that is another machine, and empty if it is a socket or this machine, to which
// virtual machines forward their ports. own reports whether a host is this machine.
func farHost(endpoint string, own func(host string) bool) string {
	address, err := url.Parse(endpoint)
	if err != nil || address.Hostname() == "" || own(address.Hostname()) {
		return ""
	}
	switch address.Scheme {
	case "tcp", "http", "https", "ssh":
		return address.Hostname()
	default: // unix, fd, npipe
		return ""
	}
}

// ownHost returns a function that reports whether a host, by its name or address, is this machine.
func ownHost(ctx context.Context) func(host string) bool {
	return func(host string) bool {
		addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		if err != nil {
			return false // such as an alias in the configuration of ssh
		}
		interfaces, _ := net.InterfaceAddrs()
		for _, address := range addresses {
			if address.IsLoopback() || isOneOf(address, interfaces) {
				return true
			}
		}
		return false
	}
}

func isOneOf(address netip.Addr, interfaces []net.Addr) bool {
	for _, i := range interfaces {
		if prefix, err := netip.ParsePrefix(i.String()); err == nil && prefix.Addr() == address.Unmap() {
			return true
		}
	}
	return false
}

//go:build linux

package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	docker  = "docker"
	podman  = "podman"
	nerdctl = "nerdctl"
)

// answers are the arguments with which an engine's client fails if the engine does not work.
var answers = map[string][]string{
	docker:  {"version", "--format", "{{.Server.Version}}"},
	podman:  {"version"},
	nerdctl: {"info"},
}

// engine is a container engine.
type engine struct {
	name    string
	dir     string   // the folder of everything that belongs to it, except its programs
	cache   string   // the folder of built programs
	client  string   // the path of its client if that was built
	env     []string // the variables with which its client reaches it; none for the machine's own engine
	daemons []*daemon
	before  machine
}

// start starts the engine, unless this machine has one that works.
func (e *engine) start(ctx context.Context) error {
	err := e.answers(ctx)
	switch {
	case err == nil:
		say("%s works on this machine and is used as it is", e.name)
		return nil
	case e.name == podman:
		return fmt.Errorf("%w\npodman is not built here: NOTEPROOF_ENGINE=podman scripts/prerequisites.sh installs it", err)
	case os.Geteuid() != 0:
		return fmt.Errorf("%s does not work on this machine, and only root can start one: start %s, or use sudo make engines", e.name, e.name)
	case e.name == docker:
		return e.startDocker(ctx)
	default:
		return e.startNerdctl(ctx)
	}
}

func (e *engine) answers(ctx context.Context) error {
	_, err := e.run(ctx, answers[e.name]...)
	return err
}

// containerdConfig has sockets and folders of its own, and none of what serves a kubelet.
const containerdConfig = `version = 3
root = "%[1]s/containerd"
state = "%[1]s/containerd-state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.nri.v1.nri"]

[grpc]
  address = "%[1]s/c.sock"

[ttrpc]
  address = "%[1]s/c.sock.ttrpc"

[plugins."io.containerd.internal.v1.opt"]
  path = "%[1]s/opt"
`

func (e *engine) startContainerd(ctx context.Context, bin string) error {
	config := filepath.Join(e.dir, "containerd.toml")
	if err := os.WriteFile(config, fmt.Appendf(nil, containerdConfig, e.dir), 0o600); err != nil {
		return fmt.Errorf("configure containerd: %w", err)
	}
	d, err := e.daemon(bin, "containerd", "--config", config)
	if err != nil {
		return err
	}
	return d.await(ctx, func(context.Context) error { _, err := os.Stat(e.dir + "/c.sock"); return err })
}

// daemon starts a built program that finds the others next to it.
func (e *engine) daemon(bin, name string, args ...string) (*daemon, error) {
	d, err := startDaemon(e.dir, []string{path(bin)}, filepath.Join(bin, name), args...)
	if err == nil {
		e.daemons = append(e.daemons, d)
	}
	return d, err
}

// path is the PATH with a folder before all others, and with those of iptables after them.
func path(bin string) string {
	return "PATH=" + strings.Join([]string{bin, os.Getenv("PATH"), "/usr/sbin", "/sbin"}, string(filepath.ListSeparator))
}

func (e *engine) startDocker(ctx context.Context) error {
	programs := []program{containerd, shim, runc, dockerProxy, dockerd}
	_, missing := exec.LookPath(docker)
	if missing != nil {
		programs = append(programs, dockerClient)
	}
	bin, err := build(ctx, e.cache, "docker", programs...)
	if err != nil {
		return err
	}
	if missing != nil {
		e.client = filepath.Join(bin, docker)
	}
	if err := e.startContainerd(ctx, bin); err != nil {
		return err
	}
	config := filepath.Join(e.dir, "daemon.json") // so that the machine's own configuration does not count
	if err := os.WriteFile(config, []byte("{}"), 0o600); err != nil {
		return fmt.Errorf("configure dockerd: %w", err)
	}
	socket := "unix://" + e.dir + "/d.sock"
	// Kind's clusters have a bridge of their own; without --ip-forward-no-drop those of other engines would be cut off.
	d, err := e.daemon(bin, "dockerd", "--config-file", config, "--data-root", e.dir+"/docker", "--exec-root", e.dir+"/exec",
		"--pidfile", e.dir+"/d.pid", "--host", socket, "--containerd", e.dir+"/c.sock", "--bridge", "none", "--ip-forward-no-drop",
		"--userland-proxy-path", filepath.Join(bin, "docker-proxy"))
	if err != nil {
		return err
	}
	e.env = []string{path(bin), "DOCKER_HOST=" + socket}
	return d.await(ctx, e.answers)
}

// nerdctlConfig has the cgroup driver of containers without systemd, which the machine may lack.
const nerdctlConfig = `address = "unix://%[1]s/c.sock"
data_root = "%[1]s/nerdctl"
cni_path = "%[2]s"
cni_netconfpath = "%[1]s/net"
cgroup_manager = "cgroupfs"
`

func (e *engine) startNerdctl(ctx context.Context) error {
	runtime, err := build(ctx, e.cache, "docker", containerd, shim, runc)
	if err != nil {
		return err
	}
	client, err := build(ctx, e.cache, "nerdctl", append(cniPlugins(), nerdctlClient)...)
	if err != nil {
		return err
	}
	if err := e.startContainerd(ctx, runtime); err != nil {
		return err
	}
	config := filepath.Join(e.dir, "nerdctl.toml")
	if err := os.WriteFile(config, fmt.Appendf(nil, nerdctlConfig, e.dir, client), 0o600); err != nil {
		return fmt.Errorf("configure nerdctl: %w", err)
	}
	e.env = []string{path(client + string(filepath.ListSeparator) + runtime), "NERDCTL_TOML=" + config}
	e.client = filepath.Join(client, nerdctl)
	return e.daemons[0].await(ctx, e.answers)
}

// run runs the engine's client.
func (e *engine) run(ctx context.Context, args ...string) (string, error) {
	return output(ctx, e.env, cmp.Or(e.client, e.name), args...)
}

// objects lists the containers, volumes and networks of the engine, except the default network, which nerdctl creates when it is
// first used.
func (e *engine) objects() []string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var all []string
	for _, list := range [][]string{
		{"container", "ls", "--all", "--format", "{{.Names}}"},
		{"volume", "ls", "--format", "{{.Name}}"},
		{"network", "ls", "--format", "{{.Name}}"},
	} {
		names, err := e.run(ctx, list...)
		if err != nil {
			first, _, _ := strings.Cut(err.Error(), "\n")
			return append(all, "unknown, because it does not answer: "+first)
		}
		for name := range strings.Lines(names) {
			if object := list[0] + " " + strings.TrimSpace(name); object != "network bridge" {
				all = append(all, object)
			}
		}
	}
	return all
}

// stop stops the engine, removes what it has on the machine, and returns what should have been gone by itself.
func (e *engine) stop() (left []string) {
	if len(e.daemons) > 0 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if ids, err := e.run(ctx, "ps", "--all", "--quiet"); err == nil && ids != "" {
			_, _ = e.run(ctx, append([]string{"rm", "--force", "--volumes"}, strings.Fields(ids)...)...)
		}
	}
	for i := len(e.daemons) - 1; i >= 0; i-- {
		if e.daemons[i].stop() {
			left = append(left, "a process that had to be killed: "+filepath.Base(e.daemons[i].cmd.Path))
		}
	}
	return append(left, e.remove()...)
}

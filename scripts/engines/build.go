//go:build linux

package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// program is a program of a published Go module.
type program struct {
	pkg     string // its package
	tags    string
	version string // the variable that holds its version; empty if it knows the version itself
	module  string // the module with that version
	flags   []string
}

// The programs of a Docker Engine; nerdctl uses containerd, its shim and runc too.
var (
	containerd = program{
		pkg: "github.com/containerd/containerd/v2/cmd/containerd", tags: "no_btrfs,no_devmapper,no_zfs",
		version: "github.com/containerd/containerd/v2/version.Version", module: "github.com/containerd/containerd/v2",
	}
	shim    = program{pkg: "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2"}
	runc    = program{pkg: "github.com/opencontainers/runc", tags: "seccomp"}
	dockerd = program{
		pkg: "github.com/moby/moby/v2/cmd/dockerd", tags: "exclude_graphdriver_btrfs,no_systemd",
		version: "github.com/moby/moby/v2/dockerversion.Version", module: "github.com/moby/moby/v2",
	}
	dockerProxy = program{pkg: "github.com/moby/moby/v2/cmd/docker-proxy"}
	// Its module has no go.mod, which would name its version of the language.
	dockerClient = program{pkg: "github.com/docker/cli/cmd/docker", flags: []string{"-gcflags=github.com/docker/cli/...=-lang=go1.26"}}
)

// nerdctlClient is built with the modules of nerdctl.mod, as are the CNI plugins.
var nerdctlClient = program{
	pkg: "github.com/containerd/nerdctl/v2/cmd/nerdctl", version: "github.com/containerd/nerdctl/v2/pkg/version.Version",
	module: "github.com/containerd/nerdctl/v2",
}

func cniPlugins() []program {
	var plugins []program
	for _, path := range []string{"main/bridge", "main/loopback", "ipam/host-local", "meta/firewall", "meta/portmap", "meta/tuning"} {
		plugins = append(plugins, program{pkg: "github.com/containernetworking/plugins/plugins/" + path})
	}
	return plugins
}

// build compiles programs with the module versions of scripts/engines/SET.mod, unless the cache has them, and returns their
// folder. Every module is verified against SET.sum.
func build(ctx context.Context, cache, set string, programs ...program) (string, error) {
	mod := filepath.Join("scripts", "engines", set+".mod")
	inputs, err := output(ctx, nil, "go", "version")
	if err != nil {
		return "", err
	}
	for _, path := range []string{mod, strings.TrimSuffix(mod, "mod") + "sum"} {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("read the modules of %s in the root of noteproof's repository: %w", set, err)
		}
		inputs += string(text)
	}
	inputs += fmt.Sprintf("%+v", programs)
	standins, err := fs.Glob(os.DirFS("scripts/engines"), "standin/*/*")
	if err != nil {
		return "", err
	}
	for _, path := range standins {
		text, err := os.ReadFile(filepath.Join("scripts", "engines", path))
		if err != nil {
			return "", fmt.Errorf("read what stands in for a module of %s: %w", set, err)
		}
		inputs += path + string(text)
	}
	dir := filepath.Join(cache, fmt.Sprintf("%s-%x", set, sha256.Sum256([]byte(inputs)))[:len(set)+17])
	old, _ := filepath.Glob(filepath.Join(cache, set+"-*"))
	for _, other := range old {
		if other != dir {
			_ = os.RemoveAll(other) // of other versions; what cannot be removed does no harm
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("create the folder of %s: %w", set, err)
	}
	for _, p := range programs {
		if err := p.build(ctx, mod, dir); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// build compiles the program into dir, unless it is there.
func (p program) build(ctx context.Context, mod, dir string) error {
	out := filepath.Join(dir, filepath.Base(p.pkg))
	if _, err := os.Stat(out); err == nil {
		return nil
	}
	ldflags := "-s -w"
	if p.version != "" {
		version, err := output(ctx, nil, "go", "list", "-modfile="+mod, "-m", "-f", "{{.Version}}", p.module)
		if err != nil {
			return err
		}
		ldflags += " -X " + p.version + "=" + strings.TrimPrefix(version, "v")
	}
	began := time.Now()
	say("go build %s", p.pkg)
	args := append([]string{"build", "-modfile=" + mod, "-mod=readonly", "-trimpath", "-tags=" + p.tags, "-ldflags=" + ldflags, "-o", out + ".new"}, p.flags...)
	if _, err := output(ctx, nil, "go", append(args, p.pkg)...); err != nil {
		return err
	}
	say("go build %s (%s)", p.pkg, time.Since(began).Round(time.Second))
	return os.Rename(out+".new", out)
}

// output runs a program with these variables added to the environment and returns its standard output, trimmed. The error
// includes the end of its standard error.
func output(ctx context.Context, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, tail(stderr.String()))
	}
	return strings.TrimSpace(string(text)), nil
}

// tail returns the last lines of a program's output.
func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

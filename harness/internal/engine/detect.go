package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/noteproof/noteproof/harness/evidence"
)

// answerWithin is how long an engine may take to say that it works. A daemon that hangs is a daemon that does not work.
const answerWithin = 30 * time.Second

// The engines, in the order in which they are tried.
const (
	Docker  = "docker"
	Podman  = "podman"
	Nerdctl = "nerdctl"
)

// Options choose the engine.
type Options struct {
	// Name is "docker", "podman" or "nerdctl"; empty takes the first of them that works. Callers take it from the
	// variable NOTEPROOF_ENGINE, or else KIND_EXPERIMENTAL_PROVIDER.
	Name string
	// Dir is the folder for files that are handed to the engine, such as settings for podman. It is made when it is
	// needed, and its files are overwritten by the next run; empty means the folder noteproof in the user's cache.
	Dir string
}

// Engine is a container engine that answered, on a machine whose peculiarities are known.
type Engine struct {
	name        string
	version     string
	host        Host
	environ     []string
	shieldDir   string // holds a program of the engine's name that takes no signals of the terminal; may be empty
	adaptations []evidence.Adaptation
	obstacles   []obstacle
}

// Name is "docker", "podman" or "nerdctl".
func (e *Engine) Name() string { return e.name }

// Version is the engine's version as it reports it, such as "4.3.1": the daemon's where there is one.
func (e *Engine) Version() string { return e.version }

// Host is the machine on which containers run, as it was found.
func (e *Engine) Host() Host { return e.host }

// Adaptations lists what is done differently because of this machine. It is empty on an ordinary one.
func (e *Engine) Adaptations() []evidence.Adaptation { return slices.Clone(e.adaptations) }

// Prepare makes the machine ready for so many further nodes of a cluster, or returns an error that names each obstacle and
// the command that fixes it. What it may fix by itself stays as it is until the machine is restarted, and stands among
// the adaptations: an empty /lib/modules, and more room for inotify. Building images works without all that, which is why
// Detect does not call it.
func (e *Engine) Prepare(nodes int) error {
	errs, remaining := []error{}, []obstacle{}
	for _, o := range slices.Concat(e.obstacles, shortOfInotify(e.host, inotifyInUse(), nodes)) {
		if o.try != nil && o.try() == nil {
			e.adaptations = append(e.adaptations, evidence.Adaptation{Found: o.found, Did: o.tried})
			continue
		}
		if o.lasting {
			remaining = append(remaining, o)
		}
		errs = append(errs, fmt.Errorf("%s: fix it with `%s`", o.found, o.fix))
	}
	e.obstacles = remaining
	if len(errs) > 0 {
		return fmt.Errorf("a cluster cannot work on this machine: %w", errors.Join(errs...))
	}
	return nil
}

// Detect returns the first engine that works, which is more than being installed: a client without a daemon does not.
// When none does, the error says of each one what happened and which command brings it.
func Detect(ctx context.Context, options Options) (*Engine, error) {
	names := []string{Docker, Podman, Nerdctl}
	if options.Name != "" {
		if !slices.Contains(names, options.Name) {
			return nil, fmt.Errorf("container engine %q: only %s can be used", options.Name, strings.Join(names, ", "))
		}
		names = []string{options.Name}
	}
	var failures []error
	for _, name := range names {
		e, err := try(ctx, name, options)
		if err == nil {
			return e, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		failures = append(failures, fmt.Errorf("%s: %w\n  what to do: %s", name, err, remedy(name, err)))
	}
	return nil, fmt.Errorf("no container engine works on this machine:\n%w", errors.Join(failures...))
}

func try(ctx context.Context, name string, options Options) (*Engine, error) {
	if _, err := exec.LookPath(name); err != nil {
		return nil, errNotInstalled
	}
	e := &Engine{name: name}
	path := withSystemFolders(os.Getenv("PATH"), systemFolders())
	if name != Docker && path != os.Getenv("PATH") { // docker's daemon has a PATH of its own
		e.environ = append(e.environ, "PATH="+path)
	}
	asking, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	text, err := e.Run(asking, "info", "--format", infoFormat(name))
	if err != nil {
		if asking.Err() != nil && ctx.Err() == nil {
			return nil, fmt.Errorf("%s info did not answer within %s: %w", name, answerWithin, err)
		}
		return nil, err
	}
	info, err := parseInfo(name, text)
	if err != nil {
		return nil, err
	}
	e.version = info.Version
	e.host = observe(ctx, info, path)
	plan := adapt(info, e.host, tools(path))
	if len(plan.Unusable) > 0 {
		return nil, errors.New(strings.Join(plan.Unusable, "; "))
	}
	e.adaptations, e.obstacles = plan.Adaptations, plan.Obstacles
	if len(plan.Settings) > 0 {
		path, err := writeSettings(options.Dir, plan.Settings)
		if err != nil {
			return nil, err
		}
		e.environ = append(e.environ, "CONTAINERS_CONF="+path)
	}
	if name == Podman && !info.Remote { // the others have a daemon, which no terminal interrupts
		e.shieldDir, err = e.shield(options.Dir)
	}
	return e, err
}

var errNotInstalled = errors.New("not installed")

// remedy is the command that brings an engine, or brings it back.
func remedy(name string, err error) string {
	const script = "on Debian or Ubuntu, scripts/prerequisites.sh installs what is missing"
	installed := !errors.Is(err, errNotInstalled)
	switch {
	case name == Docker && installed:
		return "sudo systemctl start docker, and to use it without root: sudo usermod -aG docker $USER, then log in again"
	case name == Docker:
		return "install it from https://docs.docker.com/engine/install, or use podman"
	case name == Podman && installed:
		return script + ": sudo apt-get install podman runc netavark aardvark-dns iptables"
	case name == Podman:
		return "sudo apt-get install podman runc netavark aardvark-dns iptables; " + script
	case installed:
		return "sudo systemctl start containerd"
	default:
		return "install it from https://github.com/containerd/nerdctl, or use podman"
	}
}

// tools reports which programs that an engine may need are on its PATH.
func tools(path string) map[string]bool {
	found := map[string]bool{}
	for _, tool := range []string{"runc", "iptables", "nft"} {
		_, err := lookUp(path, tool)
		found[tool] = err == nil
	}
	return found
}

// folder is where files for the engine go.
func folder(dir string) (string, error) {
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find a folder for the engine's settings: %w", err)
		}
		dir = filepath.Join(cache, "noteproof")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find a folder for the engine's settings: %w", err)
	}
	return dir, os.MkdirAll(dir, 0o755)
}

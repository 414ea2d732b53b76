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
	"github.com/noteproof/noteproof/harness/internal/system"
)

// infoTimeout limits the engine's info command. A daemon that hangs counts as not working.
const infoTimeout = 30 * time.Second

// The engines, in the order in which they are tried.
const (
	Docker  = "docker"
	Podman  = "podman"
	Nerdctl = "nerdctl"
)

// CheckName returns an error for a name that is neither empty nor that of a supported engine.
func CheckName(name string) error {
	if name == "" || slices.Contains([]string{Docker, Podman, Nerdctl}, name) {
		return nil
	}
	return fmt.Errorf("the container engine %q is not supported: use %s, %s or %s", name, Docker, Podman, Nerdctl)
}

// Options select the engine.
type Options struct {
	// Name is "docker", "podman" or "nerdctl". Empty selects the first of them that works. Callers read it from the variable
	// NOTEPROOF_ENGINE or else KIND_EXPERIMENTAL_PROVIDER.
	Name string
	// Dir is the folder of files for the engine, such as podman's settings. It is created if needed, and the next run
	// overwrites its files. Empty means the folder noteproof in the user's cache.
	Dir string
}

// Engine is a container engine that works, with the adaptations to its machine.
type Engine struct {
	name        string
	version     string
	host        Host
	environ     []string
	wrapperDir  string // contains a script that runs the engine as this machine requires; may be empty
	unwrapped   string // the program that the script runs; empty without one
	adaptations []evidence.Adaptation
	obstacles   []obstacle
}

// Name returns "docker", "podman" or "nerdctl".
func (e *Engine) Name() string { return e.name }

// Version returns the version that the engine reports, such as "4.3.1"; if there is a daemon, the daemon's.
func (e *Engine) Version() string { return e.version }

// Host returns the machine on which containers run, as Detect observed it.
func (e *Engine) Host() Host { return e.host }

// Adaptations returns the adaptations to this machine. An ordinary machine needs none.
func (e *Engine) Adaptations() []evidence.Adaptation { return slices.Clone(e.adaptations) }

// Prepare makes the machine ready for so many additional nodes of a cluster, or returns an error that names each obstacle and
// the command that fixes it. If it has the permission, it creates an empty /lib/modules and raises the limit of inotify
// instances until the next reboot, and adds that to the adaptations. Detect does not call it, because building images does not
// need it.
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

// Detect returns the first engine that works. An installed client without a daemon does not work. If no engine works, the error
// names for each one the reason and the command that installs or starts it.
func Detect(ctx context.Context, options Options) (*Engine, error) {
	names := []string{Docker, Podman, Nerdctl}
	if options.Name != "" {
		if err := CheckName(options.Name); err != nil {
			return nil, err
		}
		names = []string{options.Name}
	}
	var failures []error
	for _, name := range names {
		e, err := detect(ctx, name, options)
		if err == nil {
			return e, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		err = fmt.Errorf("%s: %w", name, err)
		if fix := remedy(system.This(), name, err); fix != "" {
			err = fmt.Errorf("%w\n  what to do: %s", err, fix)
		}
		failures = append(failures, err)
	}
	return nil, fmt.Errorf("no container engine works on this machine:\n%w", errors.Join(failures...))
}

// detect returns the engine with this name if it works.
func detect(ctx context.Context, name string, options Options) (*Engine, error) {
	if _, err := exec.LookPath(name); err != nil {
		return nil, errNotInstalled
	}
	e := &Engine{name: name}
	path := withSystemFolders(os.Getenv("PATH"), systemFolders())
	if name != Docker && path != os.Getenv("PATH") { // docker's daemon has a PATH of its own
		e.environ = append(e.environ, "PATH="+path)
	}
	query, cancel := context.WithTimeout(ctx, infoTimeout)
	defer cancel()
	text, err := e.Run(query, "info", "--format", infoFormat(name))
	if err != nil {
		if query.Err() != nil && ctx.Err() == nil {
			return nil, fmt.Errorf("%s info did not answer within %s: %w", name, infoTimeout, err)
		}
		return nil, err
	}
	info, err := parseInfo(name, text)
	if err != nil {
		return nil, err
	}
	if far := farHost(e.endpoint(query, info), ownHost(query)); far != "" {
		return nil, fmt.Errorf("%w, %s, and only that machine reaches the API server of a cluster there", errFar, far)
	}
	e.version = info.Version
	e.host = observe(ctx, info, path)
	plan := adapt(info, e.host, tools(path))
	if len(plan.Unusable) > 0 {
		return nil, fmt.Errorf("%w: %s", errUnusable, strings.Join(plan.Unusable, "; "))
	}
	e.adaptations, e.obstacles = plan.Adaptations, plan.Obstacles
	if len(plan.Settings) > 0 {
		path, err := writeSettings(options.Dir, plan.Settings)
		if err != nil {
			return nil, err
		}
		e.environ = append(e.environ, "CONTAINERS_CONF="+path)
	}
	if plan.Wrapper != "" {
		err = e.wrap(options.Dir, plan.Wrapper)
	}
	return e, err
}

var (
	errNotInstalled = errors.New("not installed")
	errFar          = errors.New("its containers are on another machine")
	errUnusable     = errors.New("a cluster cannot run in it") // what is said of it says what to do
)

// remedy returns the command that installs or starts an engine on this system; empty if the error says what to do.
func remedy(s system.System, name string, err error) string {
	if errors.Is(err, errUnusable) {
		return ""
	}
	if errors.Is(err, errFar) {
		return "run noteproof on that machine; or create a cluster there that this machine reaches, and name its kubeconfig in KUBECONFIG_FILE; " +
			"or choose an engine of this machine, by DOCKER_HOST or docker context use for docker, by CONTAINER_HOST or podman system connection for podman"
	}
	engine := system.Program(name)
	if errors.Is(err, errNotInstalled) {
		return s.Install(engine)
	}
	words := s.Start(engine)
	if join := s.Join(); name == Docker && join != "" {
		words += "; to use it without root: " + join
	}
	return words
}

// tools reports which programs that an engine or its wrapper may need are on its PATH.
func tools(path string) map[string]bool {
	found := map[string]bool{}
	for _, tool := range []string{"runc", "iptables", "nft", "setsid"} {
		_, err := lookUp(path, tool)
		found[tool] = err == nil
	}
	return found
}

// folder returns the absolute path of the folder for the engine's files, and creates it.
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

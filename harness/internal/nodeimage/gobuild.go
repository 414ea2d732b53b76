package nodeimage

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/noteproof/noteproof/harness/internal/version"
)

// goTool runs the go command on modules that are not ours.
func (s *Source) goTool(ctx context.Context, dir string, args ...string) (string, error) {
	env, err := s.goEnv()
	if err != nil {
		return "", err
	}
	return command{Dir: dir, Env: env, Args: append([]string{"go"}, args...)}.run(ctx)
}

// goEnv is for builds away from any go.work, without cgo, so that the programs run on any root file system. They have
// caches of their own, because one Kubernetes minor fills gigabytes of both: Prune removes them, and the user's stay as
// they are.
func (s *Source) goEnv() ([]string, error) {
	env := []string{"CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-buildvcs=false -modcacherw"}
	if s.Cache == "" {
		return env, nil
	}
	cache, err := filepath.Abs(s.Cache)
	return append(env, "GOCACHE="+filepath.Join(cache, goBuildCache), "GOMODCACHE="+filepath.Join(cache, goModCache)), err
}

// ownGo runs the go command with the user's caches: on the module that the scenarios belong to, and to look things up. A
// vendor folder is passed over, since it holds neither whole modules nor a list of versions. Without a dir it is the module,
// or the workspace, that the tests run in; a module elsewhere is built by itself.
func (s *Source) ownGo(ctx context.Context, dir string, args ...string) (string, error) {
	env := []string{"CGO_ENABLED=0", "GOFLAGS=-buildvcs=false -mod=readonly"}
	if dir != "" {
		env = append(env, "GOWORK=off")
	}
	return command{Dir: dir, Env: env, Args: append([]string{"go"}, args...)}.run(ctx)
}

// goVersion is the Go release that builds.
func (s *Source) goVersion(ctx context.Context) (string, error) {
	v, err := s.goTool(ctx, "", "env", "GOVERSION")
	return strings.TrimSpace(v), err
}

// downloaded is what the go command reports a module that it has downloaded and verified.
type downloaded struct{ Dir, GoMod, Sum string }

func (s *Source) download(ctx context.Context, path, version string) (downloaded, error) {
	out, err := s.goTool(ctx, "", "mod", "download", "-json", path+"@"+version)
	var m downloaded
	if err == nil {
		err = json.Unmarshal([]byte(out), &m)
	}
	if err != nil {
		return m, fmt.Errorf("download %s@%s: %w", path, version, err)
	}
	return m, nil
}

// moduleDir is the folder of a module that the scenarios are built with.
func (s *Source) moduleDir(ctx context.Context, path string) (string, error) {
	find := func() (string, error) {
		dir, err := s.ownGo(ctx, "", "list", "-m", "-f", "{{.Dir}}", path)
		return strings.TrimSpace(dir), err
	}
	dir, err := find()
	if err == nil && dir == "" { // a module that vendors need not have it in the cache
		if _, err = s.ownGo(ctx, "", "mod", "download", path); err == nil {
			dir, err = find()
		}
	}
	if err == nil && dir == "" {
		err = fmt.Errorf("go list -m %s names no folder: run the scenarios in a module that requires it, by go test", path)
	}
	return dir, err
}

// goBuild builds a program of a published module and returns the executable's path.
func (s *Source) goBuild(ctx context.Context, p goProgram) (string, error) {
	goVersion, err := s.goVersion(ctx)
	if err != nil {
		return "", err
	}
	inputs := []any{p, goVersion, platform()}
	return s.cached("go-"+p.Name, fmt.Sprintf("go build %s (%s %s)", p.Name, p.Module, p.Version), inputs, func(out string) error {
		m, err := s.download(ctx, p.Module, p.Version)
		if err != nil {
			return err
		}
		dir, err := os.MkdirTemp(filepath.Dir(out), "module-")
		if err != nil {
			return err
		}
		tree := ""
		if p.Module == kubernetesModule && recipeFor(p.Version).Generate {
			if tree, err = s.completeTree(ctx, m, p.Version); err != nil {
				return err
			}
		}
		if err := writeMainModule(dir, m, p.Version, tree); err != nil {
			return fmt.Errorf("a go.mod that builds %s: %w", p.Module, err)
		}
		_, err = s.goTool(ctx, dir, "build", "-mod=mod", "-trimpath", "-tags="+p.Tags,
			"-ldflags="+strings.Join(p.LDFlags, " "), "-o", out, p.importPath())
		return err
	})
}

// writeMainModule writes the go.mod that stands in for the module's own, with the checksums that its authors recorded.
// Where tree names a folder, the module is built from there.
func writeMainModule(dir string, m downloaded, version, tree string) error {
	original, err := os.ReadFile(m.GoMod)
	if err != nil {
		return err
	}
	derived, err := deriveGoMod(original, version, tree)
	if err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(m.Dir, "go.sum"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), derived, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o644)
}

// podroutes builds our own Pod network.
func (s *Source) podroutes(ctx context.Context) (string, error) {
	inputs, err := s.podroutesInputs(ctx)
	if err != nil {
		return "", err
	}
	return s.cached("go-podroutes", "go build podroutes", inputs, func(out string) error {
		dir, err := s.moduleDir(ctx, version.Module)
		if err != nil {
			return err
		}
		_, err = s.ownGo(ctx, dir, "build", "-trimpath", "-ldflags=-s -w", "-o", out, podroutesPackage)
		return err
	})
}

const podroutesPackage = "./harness/internal/nodeimage/podroutes"

// podroutesInputs are its source and the modules it is built from: those of our own go.mod, whatever module the scenarios
// belong to, which may know of no others than it imports. So all of them have the same node image.
func (s *Source) podroutesInputs(ctx context.Context) (any, error) {
	dir, err := s.moduleDir(ctx, version.Module)
	if err != nil {
		return nil, err
	}
	deps, err := s.ownGo(ctx, dir, "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", podroutesPackage)
	if err != nil {
		return nil, err
	}
	goVersion, err := s.goVersion(ctx)
	return []any{ourFiles(), deps, goVersion, platform()}, err
}

// pause builds the program that holds a Pod's namespaces: one C file of the Kubernetes release.
func (s *Source) pause(ctx context.Context, version string) (string, error) {
	return s.cached("cc-pause", "cc pause ("+kubernetesModule+" "+version+")", []any{version, platform()}, func(out string) error {
		if err := needs("cc", "gcc libc6-dev"); err != nil {
			return err
		}
		m, err := s.download(ctx, kubernetesModule, version)
		if err != nil {
			return err
		}
		source := filepath.Join(m.Dir, "build", "pause", "linux", "pause.c")
		_, err = command{Args: []string{"cc", "-Os", "-Wall", "-static", "-s", "-DVERSION=" + version, "-o", out, source}}.run(ctx)
		return err
	})
}

package nodeimage

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	modulepath "golang.org/x/mod/module"

	"github.com/noteproof/noteproof/harness/internal/version"
)

// goTool runs the go command on third-party modules.
func (s *Source) goTool(ctx context.Context, dir string, args ...string) (string, error) {
	env, err := s.goEnv()
	if err != nil {
		return "", err
	}
	return command{Dir: dir, Env: env, Args: append([]string{"go"}, args...)}.run(ctx)
}

// goToolFor is goTool for the platform of the images. Its temporary files are in dir, so that they are removed with that of a build that
// was killed.
func (s *Source) goToolFor(ctx context.Context, dir string, args ...string) (string, error) {
	env, err := s.goEnv()
	if err != nil {
		return "", err
	}
	return command{Dir: dir, Env: append(append(env, "GOTMPDIR="+dir), s.target()...), Args: append([]string{"go"}, args...)}.run(ctx)
}

// goEnv returns the environment of builds that ignore any go.work and do not use cgo, so that the programs run on any root
// file system. The builds have caches of their own, because one Kubernetes minor fills gigabytes of both: Prune removes these
// caches and leaves the user's alone.
func (s *Source) goEnv() ([]string, error) {
	env := []string{"CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-buildvcs=false -modcacherw"}
	if s.Cache == "" {
		return env, nil
	}
	cache, err := filepath.Abs(s.Cache)
	return append(env, "GOCACHE="+filepath.Join(cache, goBuildCache), "GOMODCACHE="+filepath.Join(cache, goModCache)), err
}

// ownGo runs the go command with the user's caches, on the scenarios' module and for lookups. It ignores vendor folders, which
// contain neither complete modules nor lists of versions. If dir is empty, the command runs in the module or workspace of the
// running tests; otherwise in the module in dir, without a workspace.
func (s *Source) ownGo(ctx context.Context, dir string, args ...string) (string, error) {
	env := []string{"CGO_ENABLED=0", "GOFLAGS=-buildvcs=false -mod=readonly"}
	if dir != "" {
		env = append(env, "GOWORK=off")
	}
	return command{Dir: dir, Env: env, Args: append([]string{"go"}, args...)}.run(ctx)
}

// ownGoFor is ownGo in the module in dir, for the platform of the images.
func (s *Source) ownGoFor(ctx context.Context, dir string, args ...string) (string, error) {
	env := append(s.target(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false -mod=readonly", "GOWORK=off")
	return command{Dir: dir, Env: env, Args: append([]string{"go"}, args...)}.run(ctx)
}

// target returns the variables with which the go command builds for the platform of the images: for every machine of it, whatever this
// user builds for.
func (s *Source) target() []string {
	return []string{"GOOS=linux", "GOARCH=" + s.architecture(), "GOAMD64=v1", "GOARM64=v8.0", "GOFIPS140=off"}
}

// goVersion returns the Go release that builds.
func (s *Source) goVersion(ctx context.Context) (string, error) {
	v, err := s.goTool(ctx, "", "env", "GOVERSION")
	return strings.TrimSpace(v), err
}

// downloaded is the go command's report on a module that it has downloaded and verified.
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

// moduleDir returns the folder of a module that the scenarios are built with.
func (s *Source) moduleDir(ctx context.Context, path string) (string, error) {
	find := func() (string, error) {
		dir, err := s.ownGo(ctx, "", "list", "-m", "-f", "{{.Dir}}", path)
		return strings.TrimSpace(dir), err
	}
	dir, err := find()
	if err == nil && dir == "" { // with a vendor folder, the module need not be in the cache
		if _, err = s.ownGo(ctx, "", "mod", "download", path); err == nil {
			dir, err = find()
		}
	}
	if err == nil && dir == "" {
		err = fmt.Errorf("go list -m %s prints no folder: run the scenarios with go test in a module that requires it", path)
	}
	return dir, err
}

// programStep returns the step that builds programs of one module with the same flags: a folder of executables. It is named after the
// program, or after the module of several.
func (s *Source) programStep(programs []goProgram, goVersion string) step {
	name := programs[0].Name
	if len(programs) > 1 {
		name = path.Base(modulePath(programs[0].Module))
	}
	return step{"go-" + name, []any{programs, goVersion, s.platform(), compilerFlags}}
}

// modulePath returns a module's path without its major version.
func modulePath(module string) string {
	prefix, _, _ := modulepath.SplitPathVersion(module)
	return prefix
}

// compilerFlags leave out what debuggers read, for all packages. The linker drops it in any case; a build takes a fifth less time and disk
// space if it is not made.
const compilerFlags = "-gcflags=all=-dwarf=false"

// together parts programs into those that one go build can make: of one module, with the same flags. While it links one program it
// compiles the next.
func together(programs []goProgram) [][]goProgram {
	var groups [][]goProgram
	for _, p := range programs {
		i := slices.IndexFunc(groups, func(group []goProgram) bool {
			return p.Main == "" && p.Module == group[0].Module && p.Tags == group[0].Tags && slices.Equal(p.LDFlags, group[0].LDFlags)
		})
		if i < 0 {
			groups = append(groups, []goProgram{p})
			continue
		}
		groups[i] = append(groups[i], p)
	}
	return groups
}

// goBuild builds programs of one published module with the same flags, and returns the folder of the executables.
func (s *Source) goBuild(ctx context.Context, programs []goProgram) (string, error) {
	goVersion, err := s.goVersion(ctx)
	if err != nil {
		return "", err
	}
	p := programs[0] // what it has in common with the others
	var names, packages []string
	for _, each := range programs {
		names, packages = append(names, each.Name), append(packages, each.buildPath())
	}
	what := fmt.Sprintf("go build %s (%s %s)", strings.Join(names, ", "), p.Module, p.Version)
	return s.cached(s.programStep(programs, goVersion), what, func(out string) error {
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
			return fmt.Errorf("write a go.mod that builds %s: %w", p.Module, err)
		}
		if p.Main != "" {
			if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(p.Main), 0o644); err != nil {
				return fmt.Errorf("write the main package of %s: %w", p.Name, err)
			}
		}
		target := out + string(filepath.Separator) // a folder, for executables named after their packages
		if len(programs) == 1 {
			target = filepath.Join(out, p.Name)
		}
		_, err = s.goToolFor(ctx, dir, slices.Concat([]string{"build", "-mod=mod", "-trimpath", compilerFlags, "-tags=" + p.Tags,
			"-ldflags=" + strings.Join(p.LDFlags, " "), "-o", target}, packages)...)
		return err
	})
}

// goBuildProgram is goBuild of one program, and returns the executable's path.
func (s *Source) goBuildProgram(ctx context.Context, p goProgram) (string, error) {
	dir, err := s.goBuild(ctx, []goProgram{p})
	return filepath.Join(dir, p.Name), err
}

// outputOf returns the name of the step's output that an executable stands in, a hash of all that it was built from.
func outputOf(executable string) string {
	dir := filepath.Dir(executable)
	return filepath.Join(filepath.Base(filepath.Dir(dir)), filepath.Base(dir))
}

// writeMainModule writes the derived go.mod, with the checksums that the module's authors recorded. If tree is not empty, the
// module is built from that folder.
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

func podroutesStep(inputs any) step { return step{"go-podroutes", inputs} }

// podroutes builds our own Pod network.
func (s *Source) podroutes(ctx context.Context, inputs any) (string, error) {
	return s.buildOwn(ctx, podroutesStep(inputs), podroutesPackage)
}

// podroutesInputs returns podroutes' source and the modules that it is built from.
func (s *Source) podroutesInputs(ctx context.Context, goVersion string) (any, error) {
	return s.ownInputs(ctx, goVersion, podroutesPackage, embedded)
}

// tools builds the shell and the commands of a workload image that is built here.
func (s *Source) tools(ctx context.Context, inputs any) (string, error) {
	return s.buildOwn(ctx, toolsStep(inputs), toolsPackage)
}

func toolsStep(inputs any) step { return step{"go-tools", inputs} }

const (
	podroutesPackage = "./harness/internal/nodeimage/podroutes"
	toolsPackage     = "./harness/internal/nodeimage/tools"
)

// buildOwn builds a program of this module for the platform of the images.
func (s *Source) buildOwn(ctx context.Context, of step, pkg string) (string, error) {
	return s.cached(of, "go build "+path.Base(pkg), func(out string) error {
		dir, err := s.moduleDir(ctx, version.Module)
		if err != nil {
			return err
		}
		_, err = s.ownGoFor(ctx, dir, "build", "-trimpath", "-ldflags=-s -w", "-o", out, pkg)
		return err
	})
}

// ownInputs returns the source of a program of this module and the modules that it is built from. The modules are those of
// noteproof's own go.mod, not of the scenarios' module, so that the scenarios of all modules have the same images.
func (s *Source) ownInputs(ctx context.Context, goVersion, pkg string, source embed.FS) (any, error) {
	dir, err := s.moduleDir(ctx, version.Module)
	if err != nil {
		return nil, err
	}
	deps, err := s.ownGoFor(ctx, dir, "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", pkg)
	if err != nil {
		return nil, err
	}
	return []any{contents(source), deps, goVersion, s.platform()}, err
}

func (s *Source) pauseStep(version string) step {
	return step{"cc-pause", []any{version, s.platform()}}
}

// pause builds the program that holds a Pod's namespaces, from one C file of the Kubernetes release.
func (s *Source) pause(ctx context.Context, version string) (string, error) {
	return s.cached(s.pauseStep(version), "cc pause ("+kubernetesModule+" "+version+")", func(out string) error {
		m, err := s.download(ctx, kubernetesModule, version)
		if err != nil {
			return err
		}
		source := filepath.Join(m.Dir, "build", "pause", "linux", "pause.c")
		_, err = command{Args: []string{string(s.compiler()), "-Os", "-Wall", "-static", "-s", "-DVERSION=" + version, "-o", out, source}}.run(ctx)
		return err
	})
}

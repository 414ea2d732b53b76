package nodeimage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"github.com/noteproof/noteproof/harness/internal/system"
)

// withoutBuilding says how to obtain a node image that cannot be built.
const withoutBuilding = `without building, a node image is
  pulled where a registry can be reached; NOTEPROOF_REGISTRY names a mirror
  named by NOTEPROOF_NODE_IMAGE: an image of your own, or its archive
  brought from another machine: noteproof bundle save there, noteproof bundle load here`

// builder is a machine on which an image is to be built: what decides whether it can be.
type builder struct {
	goos   string
	system system.System
	has    func(system.Program) bool
}

func thisBuilder() builder {
	return builder{runtime.GOOS, system.This(), func(p system.Program) bool { _, err := exec.LookPath(string(p)); return err == nil }}
}

// missing returns an error that names all programs that are missing, of those that are needed, and how to install them here.
func (b builder) missing(needed []system.Program) error {
	if b.goos != "linux" {
		return fmt.Errorf("node images can be built on Linux only, because programs of Linux make their root file systems; %s", withoutBuilding)
	}
	var errs []error
	for _, program := range needed {
		if b.has(program) {
			continue
		}
		install := b.system.Install(program)
		if install == "" {
			install = "this system has no package of it"
		}
		errs = append(errs, fmt.Errorf("%s is missing: %s", program, install))
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("programs are missing that build node images:\n%w\n%s", errors.Join(errs...), withoutBuilding)
}

// MissingBuilders returns an error that names the programs that building node images needs and that this machine does not have, with the
// commands that install them; nil if there are none.
func MissingBuilders() error {
	return thisBuilder().missing([]system.Program{system.Compiler, system.Mmdebstrap})
}

// needed returns the programs that a build of this image will run, in addition to Go: none for what the cache has.
func (s *Source) needed(b *build) []system.Program {
	var programs []system.Program
	if !s.has(s.pauseStep(b.version)) {
		programs = append(programs, s.compiler())
	}
	if !s.has(s.rootfsStep(nodeDebian())) || !s.has(s.rootfsStep(baseDebian())) {
		programs = append(programs, system.Mmdebstrap)
		if s.architecture() != runtime.GOARCH {
			programs = append(programs, system.ArchTest)
		}
	}
	return programs
}

// has reports whether the cache has a step's output.
func (s *Source) has(of step) bool {
	_, err := os.Stat(s.path(of))
	return err == nil
}

// compiler returns the C compiler that builds for the images' architecture.
func (s *Source) compiler() system.Program {
	switch {
	case s.architecture() == runtime.GOARCH:
		return system.Compiler
	case s.architecture() == "arm64":
		return system.CompilerForARM
	}
	return system.CompilerForAMD
}

// Obtainable returns an error if Node would have to build the image of an exact version, and could not because programs are missing. The
// error names them and says what to do.
func (s *Source) Obtainable(ctx context.Context, version string) error {
	if _, ok, err := s.present(ctx, version); ok || err != nil {
		return err
	}
	if _, ok, err := s.find(ctx, publishedRepository+":"+version); ok || err != nil {
		return err
	}
	b, err := s.plan(ctx, version)
	if err != nil {
		return err
	}
	return thisBuilder().missing(s.needed(b))
}

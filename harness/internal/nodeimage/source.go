package nodeimage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"github.com/noteproof/noteproof/harness/internal/progress"
)

// publishedRepository is the repository of the kind project's node images.
const publishedRepository = "kindest/node"

// Engine is a container engine's command line, as far as docker, podman and nerdctl agree on it.
type Engine interface {
	Command(ctx context.Context, args ...string) *exec.Cmd
	Run(ctx context.Context, args ...string) (stdout string, err error)
}

// Source finds, pulls or builds images.
type Source struct {
	Engine Engine
	Cache  string        // the folder of the builds' outputs; it may be removed at any time except during a build
	Log    *progress.Log // nil logs nothing
	// Registries are mirrors from which images are pulled.
	Registries Registries
	// Machine is the architecture of the engine's machine, as Go names it ("arm64"), which may be another one than this. Empty means
	// the architecture of this process.
	Machine string
	// Architecture is that of the images; empty means Machine. Only Build may be called if they differ.
	Architecture string

	job        *progress.Job // the current build; nil before the first one
	pullPause  time.Duration // after a pull that was broken off, before the next attempt; 0 means a second
	cachedOnly bool          // make nothing: see whenMissing
}

// Image is a node image that the container engine has.
type Image struct {
	Ref     string // the argument for `kind create cluster --image`
	Version string // the requested Kubernetes version
	From    string // the reference, by digest, from which it was pulled; empty if it was built here, or the cache was removed since
	Origin  string // Present, Published or "built": how it was obtained this time
}

// Archive is an image in a file, for `ctr images import` or `kind load image-archive`.
type Archive struct {
	Ref, Path string
	From      string // the reference, by digest, from which it was pulled; empty if it was built here
}

// Node returns a node image of an exact version: one that the engine has, else kind's published one if it can be pulled, else
// one that it builds. A built image in the engine is used only if Build would build it from the same inputs.
func (s *Source) Node(ctx context.Context, version string) (Image, error) {
	if image, ok, err := s.present(ctx, version); ok || err != nil {
		return image, err
	}
	if image, ok, err := s.pullNode(ctx, version); ok || err != nil {
		return image, err
	}
	return s.Build(ctx, version)
}

// Workload writes the archive of the image that scenarios run, agnhost: the published one if it can be pulled, else one that is
// built here. What an earlier run pulled or built is used again.
func (s *Source) Workload(ctx context.Context) (image Archive, err error) {
	err = s.whenMissing(ctx, func(s *Source) error {
		var ok bool
		if image, ok, err = s.pullArchive(ctx, PublishedWorkload, WorkloadImage); !ok && err == nil {
			image, err = s.workloadArchive(ctx)
		}
		return err
	})
	return image, err
}

// present finds an image that an earlier run built or pulled, or that a bundle brought.
func (s *Source) present(ctx context.Context, version string) (Image, bool, error) {
	if _, ok, err := s.inspect(ctx, publishedName+":"+version); ok || err != nil {
		return Image{Ref: publishedName + ":" + version, Version: version, From: s.nodeFrom(version), Origin: Present}, ok, err
	}
	found, ok, err := s.inspect(ctx, nodeName+":"+version)
	if !ok || err != nil {
		return Image{}, false, err
	}
	if s.isBundled(version, found.Config.Labels[LabelInputs]) {
		return Image{Ref: nodeName + ":" + version, Version: version, Origin: Present}, true, nil
	}
	b, err := s.plan(ctx, version)
	if err != nil {
		return Image{}, false, err
	}
	ok = found.Config.Labels[LabelInputs] == b.inputs
	return Image{Ref: b.ref, Version: version, Origin: Present}, ok, nil
}

// shortCause returns the innermost error, which fits on one line.
func shortCause(err error) error {
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err
}

// inspected contains the fields of an image that docker, podman and nerdctl all report.
type inspected struct {
	ID     string `json:"Id"`
	Config struct{ Labels map[string]string }
}

// inspect returns an image of the engine, and false if the engine does not have it.
func (s *Source) inspect(ctx context.Context, ref string) (inspected, bool, error) {
	out, err := s.Engine.Run(ctx, "image", "inspect", ref)
	if err != nil {
		return inspected{}, false, ctx.Err() // it does not exist; an engine that does not work fails in the next step
	}
	var all []inspected
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) == 0 {
		return inspected{}, false, fmt.Errorf("parse the container engine's output on %s: %w", ref, err)
	}
	return all[0], true, nil
}

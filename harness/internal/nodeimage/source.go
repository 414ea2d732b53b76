package nodeimage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

// registryTimeout is how long a registry may take to say which published image there is. Where none can be reached,
// this is all that is lost.
const registryTimeout = 5 * time.Second

// publishedRepository is where the kind project publishes its node images.
const publishedRepository = "kindest/node"

// Engine is what is needed of a container engine: its command line, as docker, podman and nerdctl have in common.
type Engine interface {
	Command(ctx context.Context, args ...string) *exec.Cmd
	Run(ctx context.Context, args ...string) (stdout string, err error)
}

// Source finds, pulls or builds images.
type Source struct {
	Engine Engine
	Cache  string        // the folder of all that builds keep; it may be removed at any time but during a build
	Log    *progress.Log // nil reports nothing
}

// Image is a node image that the container engine has.
type Image struct {
	Ref     string // what `kind create cluster --image` takes
	Version string // the Kubernetes version that it was asked for
	Digest  string // of the published manifest, or of a built image's configuration
	Origin  string // Present, Published or "built": how we came by it this time
}

// Archive is a file with an image for `ctr images import`, or `kind load image-archive`.
type Archive struct{ Ref, Path string }

// Node provides a node image of an exact version: one that is present, else kind's published one where a registry can
// be reached and it can be pulled, else one built here. A built image counts as present only while it equals what Build
// would make.
func (s *Source) Node(ctx context.Context, version string) (Image, error) {
	if image, ok, err := s.present(ctx, version); ok || err != nil {
		return image, err
	}
	if image, ok, err := s.published(ctx, version); ok || err != nil {
		return image, err
	}
	return s.Build(ctx, version)
}

// Workload makes the archive of the image that scenarios run, agnhost.
func (s *Source) Workload(ctx context.Context) (Archive, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return Archive{}, err
	}
	defer unlock()
	base, err := s.rootfs(ctx, workloadDebian())
	if err != nil {
		return Archive{}, err
	}
	program, err := s.goBuild(ctx, agnhost())
	if err != nil {
		return Archive{}, err
	}
	path, err := s.workload(ctx, base, program)
	return Archive{Ref: WorkloadImage, Path: path}, err
}

// present finds an image that an earlier run built or pulled.
func (s *Source) present(ctx context.Context, version string) (Image, bool, error) {
	if found, ok, err := s.inspect(ctx, publishedName+":"+version); ok || err != nil {
		return Image{Ref: publishedName + ":" + version, Version: version, Digest: found.digest(), Origin: Present}, ok, err
	}
	found, ok, err := s.inspect(ctx, nodeName+":"+version)
	if !ok || err != nil {
		return Image{}, false, err
	}
	b, err := s.plan(ctx, version)
	if err != nil {
		return Image{}, false, err
	}
	ok = found.Config.Labels[labelInputs] == b.inputs
	return Image{Ref: b.ref, Version: version, Digest: found.digest(), Origin: Present}, ok, nil
}

// published pulls the image that the kind project publishes for the version, by digest. That no registry can be reached,
// or that it has no such image, is no error.
func (s *Source) published(ctx context.Context, version string) (Image, bool, error) {
	tag, err := name.NewTag(publishedRepository + ":" + version)
	if err != nil {
		return Image{}, false, err
	}
	asking, cancel := context.WithTimeout(ctx, registryTimeout)
	defer cancel()
	head, err := remote.Head(tag, remote.WithContext(asking))
	if err != nil {
		s.Log.Say("no published node image of %s is available (%v)", version, shortCause(err))
		return Image{}, false, ctx.Err()
	}
	ref := tag.Context().Digest(head.Digest.String()).Name()
	if !s.pull(ctx, ref) {
		return Image{}, false, ctx.Err()
	}
	if _, err := s.Engine.Run(ctx, "tag", ref, publishedName+":"+version); err != nil {
		return Image{}, false, err
	}
	return Image{Ref: ref, Version: version, Digest: head.Digest.String(), Origin: Published}, true, nil
}

// pull says whether the engine could pull an image; that it could not is reported, and no error.
func (s *Source) pull(ctx context.Context, ref string) bool {
	step := s.Log.Step("pull %s", ref)
	_, err := s.Engine.Run(ctx, "pull", ref)
	if step.End(err) != nil && ctx.Err() == nil {
		s.Log.Say("!  the published node image was found and cannot be pulled, so one is built here")
	}
	return err == nil
}

// shortCause is the innermost reason of an error, for one line.
func shortCause(err error) error {
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err
}

// inspected is what docker, podman and nerdctl all tell of an image.
type inspected struct {
	ID          string `json:"Id"`
	RepoDigests []string
	Config      struct{ Labels map[string]string }
}

// digest is the published digest where there is one, else the image's own.
func (i inspected) digest() string {
	for _, d := range i.RepoDigests {
		if repo, digest, ok := strings.Cut(d, "@"); ok && strings.HasSuffix(repo, publishedRepository) {
			return digest
		}
	}
	if i.ID == "" || strings.HasPrefix(i.ID, "sha256:") {
		return i.ID
	}
	return "sha256:" + i.ID
}

// inspect looks at an image of the engine. That there is none is no error.
func (s *Source) inspect(ctx context.Context, ref string) (inspected, bool, error) {
	out, err := s.Engine.Run(ctx, "image", "inspect", ref)
	if err != nil {
		return inspected{}, false, ctx.Err() // it is not there; an engine that does not work shows at the next step
	}
	var all []inspected
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) == 0 {
		return inspected{}, false, fmt.Errorf("what the container engine says of %s cannot be read: %w", ref, err)
	}
	return all[0], true, nil
}

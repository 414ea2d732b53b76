package nodeimage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/noteproof/noteproof/harness/internal/atomicfile"
	"github.com/noteproof/noteproof/harness/internal/secret"
)

const (
	// registryTimeout limits a query to a registry. It is short, because the registry may be unreachable.
	registryTimeout = 5 * time.Second
	// stallTimeout is how long a registry may send nothing in the middle of an image.
	stallTimeout = time.Minute
)

// Registries says where images are pulled from. The zero value pulls each image from the registry in its name.
type Registries struct {
	all string            // a mirror of all registries; empty for none
	of  map[string]string // by registry, its mirror
}

// ParseRegistries parses NOTEPROOF_REGISTRY: a mirror of all registries, such as "localhost:5000/mirror", or mirrors of some of
// them, such as "docker.io=localhost:5000,quay.io=localhost:5000/quay". A mirror holds an image under the same path and tag.
// Empty means the zero value.
func ParseRegistries(text string) (Registries, error) {
	r := Registries{of: map[string]string{}}
	for _, part := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' }) {
		registry, mirror, some := strings.Cut(part, "=")
		if !some {
			registry, mirror = "", part
		}
		if _, err := name.NewRepository(mirror+"/image", name.StrictValidation); err != nil {
			return r, fmt.Errorf("%q is not a registry, optionally with a path, such as localhost:5000/mirror: %w", mirror, err)
		}
		switch {
		case some && (registry == "" || r.of[registry] != ""):
			return r, fmt.Errorf("%q: want one mirror for each registry, such as docker.io=localhost:5000", part)
		case some:
			r.of[registry] = mirror
		case r.all != "":
			return r, fmt.Errorf("%q: want one mirror of all registries, or REGISTRY=MIRROR for some, separated by commas", text)
		default:
			r.all = mirror
		}
	}
	return r, nil
}

// repository returns the repository from which a published image such as "quay.io/metallb/speaker" is pulled.
func (r Registries) repository(published name.Repository) (name.Repository, error) {
	registry := published.RegistryStr()
	if registry == name.DefaultRegistry {
		registry = "docker.io"
	}
	mirror := r.of[registry]
	if mirror == "" {
		mirror = r.all
	}
	if mirror == "" {
		return published, nil
	}
	return name.NewRepository(mirror + "/" + published.RepositoryStr())
}

// options returns how a registry is asked: for images of a platform, with the credentials and certificates of docker and podman, and
// through the proxy of the environment.
func (s *Source) options(ctx context.Context, registry name.Registry) ([]remote.Option, error) {
	through, err := transportTo(registry)
	if err != nil {
		return nil, err
	}
	return []remote.Option{
		remote.WithContext(ctx), remote.WithAuthFromKeychain(keychain{authn.DefaultKeychain}), remote.WithPlatform(s.wanted()),
		remote.WithTransport(stallGuard{through, stallTimeout}), remote.WithUserAgent("noteproof"),
		remote.WithRetryBackoff(remote.Backoff{Steps: 1}), // write repeats the whole
	}, nil
}

// keychain makes the credentials that it returns known as secrets.
type keychain struct{ authn.Keychain }

// Resolve implements authn.Keychain.
func (k keychain) Resolve(registry authn.Resource) (authn.Authenticator, error) {
	authenticator, err := k.Keychain.Resolve(registry)
	if err != nil {
		return nil, err
	}
	config, err := authenticator.Authorization()
	if err != nil {
		return nil, err
	}
	if config.Password != "" {
		secret.Know(secret.BasicAuth(config.Username, config.Password)...)
	}
	secret.Know(config.Auth, config.IdentityToken, config.RegistryToken)
	return authenticator, nil
}

// find returns where a published image such as "quay.io/metallb/speaker:v0.15.2" is pulled from, by digest. It returns false and
// no error, and logs why, if it is not there.
func (s *Source) find(ctx context.Context, image string) (name.Digest, bool, error) {
	tag, err := name.NewTag(image)
	if err != nil {
		return name.Digest{}, false, err
	}
	found, err := s.locate(ctx, tag)
	if err != nil {
		s.Log.Say("%v", err)
		return name.Digest{}, false, ctx.Err()
	}
	return found, true, nil
}

// locate returns where an image is pulled from, by digest. Its error names the place and fits on one line.
func (s *Source) locate(ctx context.Context, image name.Reference) (name.Digest, error) {
	repository, err := s.Registries.repository(image.Context())
	if err != nil {
		return name.Digest{}, err
	}
	query, cancel := context.WithTimeout(ctx, registryTimeout)
	defer cancel()
	at := name.Reference(repository.Tag(image.Identifier()))
	if _, ok := image.(name.Digest); ok {
		at = repository.Digest(image.Identifier())
	}
	asked, err := s.options(query, repository.Registry)
	if err != nil {
		return name.Digest{}, err
	}
	head, err := remote.Head(at, asked...)
	if err != nil {
		cause := strings.Join(strings.Fields(shortCause(err).Error()), " ")
		return name.Digest{}, fmt.Errorf("%s cannot be pulled (%s)%s", at, cause, advice(err, repository.Registry))
	}
	return repository.Digest(head.Digest.String()), nil
}

// write pulls an image by its digest, which the content must have, and writes it as an archive with the name as.
func (s *Source) write(ctx context.Context, published name.Digest, as name.Tag, out string) error {
	attempts := wait.Backoff{Duration: cmp.Or(s.pullPause, time.Second), Factor: 3, Steps: 3}
	var last error
	err := wait.ExponentialBackoffWithContext(ctx, attempts, func(ctx context.Context) (bool, error) {
		if last = s.fetch(ctx, published, as, out); last != nil {
			s.Log.Say("!  pull %s: %v", published, last)
		}
		return last == nil, nil
	})
	if err != nil {
		return errors.Join(last, ctx.Err())
	}
	return nil
}

func (s *Source) fetch(ctx context.Context, ref name.Digest, as name.Tag, out string) error {
	asked, err := s.options(ctx, ref.Registry)
	if err != nil {
		return err
	}
	image, err := remote.Image(ref, asked...)
	if err != nil {
		return err
	}
	return tarball.WriteToFile(out, as, image)
}

// The files of a pulled image in the cache.
const (
	pulledImage = "image.tar"
	pulledFrom  = "from" // the reference by digest from which it was pulled; empty if a bundle brought an image that was built
	pulledAs    = "as"   // the name of the image in the archive, if it is not the usual one; only a bundle brings others
)

// pulledNodes is the folder in the cache of files that say where the node image of a version was pulled from.
const pulledNodes = "pulled-nodes"

// pullArchive returns the archive of a published image under a name of ours, from the cache or from a registry. It returns false
// and no error if it cannot be pulled; why was logged. Published tags are never moved, so what was pulled once stays valid.
func (s *Source) pullArchive(ctx context.Context, image, as string) (Archive, bool, error) {
	of := s.pulledStep(image, as)
	if _, err := os.Stat(s.path(of)); err == nil {
		dir, err := s.cached(of, "", nil)
		if err != nil {
			return Archive{}, false, err
		}
		return pulledArchive(dir, as)
	}
	if s.cachedOnly {
		return Archive{}, false, nil
	}
	published, ok, err := s.find(ctx, image)
	if !ok || err != nil {
		return Archive{}, false, err
	}
	tag, err := name.NewTag(as)
	if err != nil {
		return Archive{}, false, err
	}
	dir, err := s.cached(of, "pull "+published.String(), func(out string) error {
		if err := os.Mkdir(out, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, pulledFrom), []byte(published.String()), 0o644); err != nil {
			return err
		}
		return s.write(ctx, published, tag, filepath.Join(out, pulledImage))
	})
	if err != nil {
		return Archive{}, false, ctx.Err() // the step has logged it
	}
	return pulledArchive(dir, as)
}

// pulledArchive returns the archive that a directory of the cache holds.
func pulledArchive(dir, as string) (Archive, bool, error) {
	from, err := os.ReadFile(filepath.Join(dir, pulledFrom))
	if err != nil {
		return Archive{}, false, fmt.Errorf("read the cache: %w", err)
	}
	if other, err := os.ReadFile(filepath.Join(dir, pulledAs)); err == nil {
		as = string(other)
	}
	return Archive{Ref: as, Path: filepath.Join(dir, pulledImage), From: string(from)}, true, nil
}

// pullNode pulls a published node image into the engine, under a name of ours by which it is found without a registry.
func (s *Source) pullNode(ctx context.Context, version string) (Image, bool, error) {
	published, ok, err := s.find(ctx, publishedRepository+":"+version)
	if !ok || err != nil {
		return Image{}, false, err
	}
	as, err := name.NewTag(publishedName + ":" + version)
	if err != nil {
		return Image{}, false, err
	}
	unlock, err := s.lock(ctx) // which removes unfinished files
	if err != nil {
		return Image{}, false, err
	}
	defer unlock()
	step := s.Log.Step("pull %s", published)
	if step.End(s.loadPulled(ctx, published, as)) != nil {
		return Image{}, false, ctx.Err()
	}
	if err := s.noteNodeFrom(version, published.String()); err != nil {
		return Image{}, false, err
	}
	return Image{Ref: as.String(), Version: version, From: published.String(), Origin: Published}, true, nil
}

// noteNodeFrom keeps where the node image of a version was pulled from.
func (s *Source) noteNodeFrom(version, from string) error {
	dir := filepath.Join(s.Cache, pulledNodes)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, version), []byte(from), 0o644)
}

// nodeFrom returns what noteNodeFrom kept; empty if the cache was removed since.
func (s *Source) nodeFrom(version string) string {
	from, _ := os.ReadFile(filepath.Join(s.Cache, pulledNodes, version))
	return string(from)
}

// loadPulled pulls an image into the engine.
func (s *Source) loadPulled(ctx context.Context, published name.Digest, as name.Tag) error {
	if err := os.MkdirAll(s.Cache, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(s.Cache, tmpPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	archive := filepath.Join(dir, pulledImage)
	if err := s.write(ctx, published, as, archive); err != nil {
		return err
	}
	_, err = s.Engine.Run(ctx, "load", "-i", archive)
	return err
}

// stallGuard breaks a request off when the registry sends nothing for some time.
type stallGuard struct {
	http.RoundTripper
	after time.Duration
}

// RoundTrip implements http.RoundTripper.
func (g stallGuard) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(request.Context())
	waiting := time.AfterFunc(g.after, func() { cancel(g.silence()) })
	response, err := g.RoundTripper.RoundTrip(request.WithContext(ctx))
	if !waiting.Stop() && err != nil {
		err = g.silence()
	}
	if err != nil {
		cancel(nil)
		return nil, err
	}
	response.Body = guarded{response.Body, g, cancel}
	return response, nil
}

func (g stallGuard) silence() error { return fmt.Errorf("the registry sent nothing for %s", g.after) }

type guarded struct {
	io.ReadCloser
	guard  stallGuard
	cancel context.CancelCauseFunc
}

// Close implements io.Closer.
func (b guarded) Close() error {
	defer b.cancel(nil)
	return b.ReadCloser.Close()
}

// Read implements io.Reader.
func (b guarded) Read(into []byte) (int, error) {
	stalled := time.AfterFunc(b.guard.after, func() { b.Close() })
	n, err := b.ReadCloser.Read(into)
	if !stalled.Stop() {
		err = b.guard.silence()
	}
	return n, err
}

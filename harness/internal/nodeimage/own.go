package nodeimage

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/mod/semver"
)

// ownName is our tag for node images of the user's own that were pulled, or loaded from an archive.
const ownName = Repository + "own-node"

// versionFile is the file of a node image that holds its Kubernetes version.
const versionFile = "kind/version"

// OwnImage is a node image that the user names: NOTEPROOF_NODE_IMAGE. The zero value means none.
type OwnImage struct {
	ref     name.Reference // nil for an archive
	archive string         // an absolute path; empty for a reference
}

// String returns the reference as it was typed, or the path of the archive; empty for none.
func (o OwnImage) String() string {
	if o.ref != nil {
		return o.ref.String()
	}
	return o.archive
}

// pathLike matches what is meant to be a path: no reference begins or ends like this.
var pathLike = regexp.MustCompile(`^[./~]|\.(tar|tgz|gz|zst|oci)$`)

// ParseOwnImage parses NOTEPROOF_NODE_IMAGE: the path, relative to dir, of an archive of an image, or a reference. It reads no file.
// Empty means the zero value.
func ParseOwnImage(dir, text string) (OwnImage, error) {
	if text == "" {
		return OwnImage{}, nil
	}
	file := text
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	file, err := filepath.Abs(file)
	if err != nil {
		return OwnImage{}, err
	}
	info, err := os.Stat(file)
	switch {
	case err == nil && info.Mode().IsRegular():
		return OwnImage{archive: file}, nil
	case pathLike.MatchString(text):
		return OwnImage{}, fmt.Errorf("there is no archive %s: name one that docker save or podman save wrote, or an image such as kindest/node:%s", file, DefaultVersion)
	}
	ref, err := name.ParseReference(text)
	if err != nil {
		return OwnImage{}, fmt.Errorf("%q is neither the path of an archive nor the name of an image such as kindest/node:%s: %w", text, DefaultVersion, err)
	}
	return OwnImage{ref: ref}, nil
}

// ErrOtherVersion is returned for a node image that has another version than the one that is asked for.
var ErrOtherVersion = errors.New("it has another version")

// Own returns the node image that the user names, which it pulls, or loads from the archive, if the engine does not have it. Its
// version is read from the image. want is the version that must be the image's: "v1.37.2", or "1.37" for any patch; empty allows any.
// For another one the error wraps ErrOtherVersion.
func (s *Source) Own(ctx context.Context, own OwnImage, want string) (Image, error) {
	obtain := s.ownReference
	if own.ref == nil {
		obtain = s.ownArchive
	}
	image, err := obtain(ctx, own, want)
	if err == nil {
		err = checkWanted(image.Version, want)
	}
	if err != nil {
		return Image{}, fmt.Errorf("the node image %s: %w", own, err)
	}
	return image, nil
}

// checkWanted returns an error if the version of a node image is not the wanted one, whose variant does not matter.
func checkWanted(version, want string) error {
	wanted := wantedVersion.FindStringSubmatch(want)
	if wanted == nil || wanted[1] == "" || version == "v"+wanted[1]+wanted[2] || wanted[2] == "" && semver.MajorMinor(version) == "v"+wanted[1] {
		return nil
	}
	return fmt.Errorf("%w: it is of Kubernetes %s, and %s is asked for: name no version, or another image", ErrOtherVersion, version, want)
}

// ownArchive loads the image of an archive into the engine, unless it is there from an earlier run.
func (s *Source) ownArchive(ctx context.Context, own OwnImage, want string) (Image, error) {
	return s.inTemporary(ctx, func(dir string) (Image, error) {
		image, err := openArchive(own.archive, dir, s.wanted())
		if err != nil {
			return Image{}, err
		}
		id, err := image.ConfigName()
		if err != nil {
			return Image{}, err
		}
		ref := ownRef(id)
		if found, ok, err := s.ownPresent(ctx, ref); ok || err != nil {
			return found, err
		}
		return s.loadOwn(ctx, image, ref, want, dir)
	})
}

// ownRef returns our tag for an image with a digest.
func ownRef(digest v1.Hash) string { return ownName + ":" + digest.Hex[:12] }

// ownReference returns an image that the engine has under this name, or pulls it.
func (s *Source) ownReference(ctx context.Context, own OwnImage, want string) (Image, error) {
	if found, ok, err := s.ownPresent(ctx, own.ref.String()); ok || err != nil {
		return found, err
	}
	key := "own-" + hash(own.ref.Name())
	published, err := s.locate(ctx, own.ref)
	if err != nil {
		last, lastErr := name.NewDigest(s.nodeFrom(key))
		if lastErr != nil || ctx.Err() != nil {
			return Image{}, fmt.Errorf("the container engine does not have it, and %w", err)
		}
		s.Log.Say("!  %s cannot be asked for (%v); the image that was pulled before is used if it is still here", own, shortCause(err))
		published = last
	}
	digest, hashErr := v1.NewHash(published.DigestStr())
	if hashErr != nil {
		return Image{}, hashErr
	}
	image, ok, presentErr := s.ownPresent(ctx, ownRef(digest))
	switch {
	case presentErr != nil:
		return Image{}, presentErr
	case !ok && err != nil:
		return Image{}, fmt.Errorf("the container engine does not have it, and %w", err)
	case !ok:
		if image, err = s.pullOwn(ctx, published, ownRef(digest), want); err != nil {
			return Image{}, err
		}
	}
	image.From = published.String()
	return image, s.noteNodeFrom(key, image.From)
}

// pullOwn pulls an image by its digest and loads it into the engine.
func (s *Source) pullOwn(ctx context.Context, published name.Digest, ref, want string) (Image, error) {
	return s.inTemporary(ctx, func(dir string) (Image, error) {
		as, err := name.NewTag(ref)
		if err != nil {
			return Image{}, err
		}
		archive := filepath.Join(dir, pulledImage)
		step := s.Log.Step("pull %s", published)
		if err := step.End(s.write(ctx, published, as, archive)); err != nil {
			return Image{}, fmt.Errorf("pull %s: %w", published, err)
		}
		image, err := openArchive(archive, dir, s.wanted())
		if err != nil {
			return Image{}, err
		}
		return s.loadOwn(ctx, image, ref, want, dir)
	})
}

// ownPresent finds an image in the engine, and reads its version.
func (s *Source) ownPresent(ctx context.Context, ref string) (Image, bool, error) {
	if _, ok, err := s.inspect(ctx, ref); !ok || err != nil {
		return Image{}, false, err
	}
	version, err := s.Engine.Run(ctx, "run", "--rm", "--network=none", "--entrypoint=cat", ref, "/"+versionFile)
	if err == nil {
		err = checkNodeVersion(version)
	}
	if err != nil {
		return Image{}, false, fmt.Errorf("read the Kubernetes version of %s, which is /%s in a node image of kind: %w", ref, versionFile, err)
	}
	return Image{Ref: ref, Version: strings.TrimSpace(version), Origin: Present}, true, nil
}

// loadOwn loads an image into the engine under a name of ours, if it is a node image of the wanted version for this machine. tmp is a
// folder for temporary files.
func (s *Source) loadOwn(ctx context.Context, image imageArchive, ref, want, tmp string) (Image, error) {
	if err := checkPlatform(image, s.wanted()); err != nil {
		return Image{}, err
	}
	version, err := versionIn(image)
	if err == nil {
		err = checkWanted(version, want)
	}
	if err != nil {
		return Image{}, err
	}
	tag, err := name.NewTag(ref)
	if err != nil {
		return Image{}, err
	}
	step := s.Log.Step("load the node image of Kubernetes %s as %s", version, ref)
	err = step.End(s.loadFrom(ctx, tmp, func(to io.Writer) error { return image.write(to, tag) }))
	return Image{Ref: ref, Version: version, Origin: Loaded}, err
}

// loadFrom loads the archive that write writes into the engine. Podman copies it to a temporary file, which it leaves behind when it is
// interrupted, so that is below tmp.
func (s *Source) loadFrom(ctx context.Context, tmp string, write func(io.Writer) error) error {
	from, to := io.Pipe()
	command := s.Engine.Command(ctx, "load")
	command.Stdin, command.Env = from, append(command.Environ(), "TMPDIR="+tmp)
	written := make(chan error, 1)
	go func() {
		err := write(to)
		to.CloseWithError(err) //nolint:errcheck // it returns none
		written <- err
	}()
	out, err := command.CombinedOutput()
	from.CloseWithError(errCommandEnded) //nolint:errcheck // it returns none
	writeErr := <-written
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case writeErr != nil && !errors.Is(writeErr, errCommandEnded):
		return writeErr
	case err != nil:
		return fmt.Errorf("`%s`: %w: %s", command, err, strings.TrimSpace(string(out)))
	default:
		return nil
	}
}

var errCommandEnded = errors.New("the command ended")

// inTemporary calls do with a temporary folder in the cache, while no other build removes unfinished files.
func (s *Source) inTemporary(ctx context.Context, do func(dir string) (Image, error)) (Image, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return Image{}, err
	}
	defer unlock()
	dir, err := os.MkdirTemp(s.Cache, tmpPrefix)
	if err != nil {
		return Image{}, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // the next lock removes it
	return do(dir)
}

// versionIn reads the Kubernetes version of a node image from its topmost layer that has it.
func versionIn(image v1.Image) (string, error) {
	layers, err := image.Layers()
	if err != nil {
		return "", err
	}
	for i := len(layers) - 1; i >= 0; i-- {
		version, err := versionInLayer(layers[i])
		if err != nil {
			return "", fmt.Errorf("read its layers: %w", err)
		}
		if version != "" {
			return version, checkNodeVersion(version)
		}
	}
	return "", fmt.Errorf("it is not a node image of kind: it has no file /%s; kind build node-image makes one", versionFile)
}

// versionInLayer returns the content of versionFile in a layer; empty if it does not have the file.
func versionInLayer(layer v1.Layer) (string, error) {
	content, err := layer.Uncompressed()
	if err != nil {
		return "", err
	}
	defer content.Close() //nolint:errcheck // it was only read
	for files := tar.NewReader(content); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if strings.TrimPrefix(path.Clean(header.Name), "/") == versionFile {
			text, err := io.ReadAll(io.LimitReader(files, 100))
			return strings.TrimSpace(string(text)), err
		}
	}
}

// checkNodeVersion returns an error if a text is not an exact version of Kubernetes.
func checkNodeVersion(text string) error {
	version := strings.TrimSpace(text)
	if !semver.IsValid(version) || strings.Count(semver.Canonical(version), ".") < 2 || semver.Canonical(version)+semver.Build(version) != version {
		return fmt.Errorf("/%s of the node image says %.100q: %w", versionFile, text, ErrNotAVersion)
	}
	return nil
}

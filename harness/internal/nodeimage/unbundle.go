package nodeimage

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/klauspost/compress/zstd"

	"github.com/noteproof/noteproof/harness/internal/atomicfile"
)

const (
	// maxBundleFile is the maximum size of a bundle's description, in bytes.
	maxBundleFile = 1 << 20
	// undoTimeout limits how long it may take to undo what was loaded of a bundle.
	undoTimeout = time.Minute
)

// bundledNodes is the folder in the cache of files that say which built node images bundles brought: for each version, the hash of
// what its image was built from. Such an image is used although this machine may build another one.
const bundledNodes = "bundled-nodes"

// LoadBundle brings everything that a bundle holds into the engine and the cache, after it has verified all of it. It returns the
// versions that can then be run without a network. If it fails, it leaves nothing of the bundle. noteproof is the version of this
// program.
func (s *Source) LoadBundle(ctx context.Context, file, noteproof string) (versions []string, err error) {
	step := s.Log.Step("check %s", file)
	b, err := checkBundle(ctx, file, noteproof, s.platform())
	if step.End(err) != nil {
		return nil, fmt.Errorf("the bundle %s: %w", file, err)
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	dir, err := os.MkdirTemp(s.Cache, tmpPrefix)
	if err != nil {
		return nil, err
	}
	l := &unbundling{Source: s, dir: dir}
	defer os.RemoveAll(dir) //nolint:errcheck // the next lock removes it
	err = readBundle(ctx, file, func(f bundled, content io.Reader) error { return l.bring(ctx, f, content) })
	if err == nil {
		err = l.keep(b)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the bundle %s: %w", file, err), l.undo(ctx))
	}
	return b.Versions, nil
}

// CheckBundle returns an error if a file does not begin as a bundle does.
func CheckBundle(ctx context.Context, file string) error {
	in, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("the bundle %s: %w", file, err)
	}
	defer in.Close() //nolint:errcheck // it was only read
	content, err := zstd.NewReader(reader{ctx, in})
	if err == nil {
		defer content.Close()
		_, err = readDescription(tar.NewReader(content))
	}
	if err != nil {
		return fmt.Errorf("the bundle %s: %w", file, err)
	}
	return nil
}

// checkBundle reads a bundle to its end and verifies it.
func checkBundle(ctx context.Context, file, noteproof, platform string) (bundle, error) {
	var b bundle
	err := openBundle(ctx, file, func(archive *tar.Reader) (err error) {
		if b, err = readDescription(archive); err != nil {
			return err
		}
		if err := b.check(noteproof, platform); err != nil {
			return err
		}
		return b.each(archive, func(_ bundled, content io.Reader) error {
			_, err := io.Copy(io.Discard, content)
			return err
		})
	})
	return b, err
}

// readBundle calls do with each file of a bundle that was checked before, which it verifies again.
func readBundle(ctx context.Context, file string, do func(f bundled, content io.Reader) error) error {
	return openBundle(ctx, file, func(archive *tar.Reader) error {
		b, err := readDescription(archive)
		if err != nil {
			return err
		}
		return b.each(archive, do)
	})
}

func openBundle(ctx context.Context, file string, read func(*tar.Reader) error) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	content, err := zstd.NewReader(reader{ctx, in})
	if err != nil {
		return err
	}
	defer content.Close()
	if err := read(tar.NewReader(content)); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("it is not whole: copy it again: %w", err)
		}
		return err
	}
	_, err = io.Copy(io.Discard, content) // its checksum stands at its end
	return err
}

// readDescription reads the first file of a bundle.
func readDescription(archive *tar.Reader) (bundle, error) {
	var b bundle
	header, err := archive.Next()
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return b, err
	case err != nil:
		return b, fmt.Errorf("it is not a bundle, as noteproof bundle save writes it: %w", err)
	case header.Name != bundleFile:
		return b, fmt.Errorf("it is not a bundle, as noteproof bundle save writes it: it begins with %.100q", header.Name)
	}
	if err := json.NewDecoder(io.LimitReader(archive, maxBundleFile)).Decode(&b); err != nil {
		return b, fmt.Errorf("read its %s: %w", bundleFile, err)
	}
	return b, nil
}

// check returns an error if this noteproof cannot use the bundle on this machine.
func (b bundle) check(noteproof, platform string) error {
	switch {
	case b.Schema != bundleSchema:
		return fmt.Errorf("it has the schema %d, and this noteproof reads %d: save and load it with the same version of noteproof", b.Schema, bundleSchema)
	case b.Platform != platform:
		return fmt.Errorf("it is for %s, and the container engine's machine is %s: save one on a machine like this", b.Platform, platform)
	}
	wanted := needed()
	for _, version := range b.Versions {
		if err := checkNodeVersion(version); err != nil {
			return err
		}
		wanted = append(wanted, bundled{Kind: bundledNode, Of: version})
	}
	for _, f := range wanted {
		if !slices.ContainsFunc(b.Files, func(has bundled) bool { return has.fits(f) }) {
			return fmt.Errorf("it lacks %s, which this noteproof (%s) needs; noteproof %s saved it: save it again with the version that will load it", f.Of, noteproof, b.Noteproof)
		}
	}
	for _, f := range b.Files {
		if err := f.checkNames(); err != nil {
			return fmt.Errorf("its %s: %w", bundleFile, err)
		}
		unknown := !slices.ContainsFunc(wanted, f.fits)
		if unknown || f.Kind == bundledNode && f.Ref != nodeName+":"+f.Of && f.Ref != publishedName+":"+f.Of {
			return fmt.Errorf("it holds %.100q (%.100q), which this noteproof (%s) does not use; noteproof %s saved it: save it again with the version that will load it",
				f.Name, f.Of, noteproof, b.Noteproof)
		}
	}
	return nil
}

// fits reports whether a file is the wanted one.
func (f bundled) fits(wanted bundled) bool {
	return f.Kind == wanted.Kind && f.Of == wanted.Of && (wanted.Ref == "" || f.Ref == wanted.Ref)
}

// bundledName matches the names of bundled files, which are no paths.
var bundledName = regexp.MustCompile(`^[a-z0-9][a-z0-9A-Z.+-]*$`)

// checkNames returns an error if a name is none.
func (f bundled) checkNames() error {
	if !bundledName.MatchString(f.Name) {
		return fmt.Errorf("%.100q is not the name of a file", f.Name)
	}
	_, err := name.NewTag(f.Ref)
	return err
}

// each calls do with each file that the bundle lists, and verifies size and digest of what do has read. There must be no others.
func (b bundle) each(archive *tar.Reader, do func(f bundled, content io.Reader) error) error {
	for _, f := range b.Files {
		header, err := archive.Next()
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, noEOF(err))
		}
		if header.Name != f.Name || header.Size != f.Size {
			return fmt.Errorf("it has %.100q of %d bytes where %s says %q of %d bytes", header.Name, header.Size, bundleFile, f.Name, f.Size)
		}
		sum := sha256.New()
		if err := do(f, io.TeeReader(archive, sum)); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if _, err := io.Copy(sum, archive); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != f.SHA256 {
			return fmt.Errorf("%s has the digest %s, and not %s: copy the bundle again", f.Name, got, f.SHA256)
		}
	}
	if header, err := archive.Next(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = fmt.Errorf("it has %.100q, which its %s does not list", header.Name, bundleFile)
		}
		return err
	}
	return nil
}

// noEOF returns the error of an archive that must go on.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// unbundling is the state of loading a bundle.
type unbundling struct {
	*Source
	dir    string        // of files that are not in their place yet
	before []loadedImage // the images that were loaded so far
}

// loadedImage is a name of an image, and the ID of the image that had it before; empty if none had.
type loadedImage struct{ ref, id string }

// bring loads a node image into the engine, or writes another file to the temporary folder.
func (l *unbundling) bring(ctx context.Context, f bundled, content io.Reader) error {
	if f.Kind == bundledNode {
		step := l.Log.Step("load the node image of Kubernetes %s", f.Of)
		return step.End(l.loadNode(ctx, f, content))
	}
	dir := filepath.Join(l.dir, f.Name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for file, text := range map[string]string{pulledFrom: f.From, pulledAs: f.Ref} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			return err
		}
	}
	step := l.Log.Step("keep %s", f.Of)
	return step.End(writeBlob(filepath.Join(dir, pulledImage), content, ""))
}

func (l *unbundling) loadNode(ctx context.Context, f bundled, content io.Reader) error {
	l.before = append(l.before, loadedImage{f.Ref, l.imageID(ctx, f.Ref)})
	err := l.loadFrom(ctx, l.dir, func(to io.Writer) error {
		_, err := io.Copy(to, content)
		return err
	})
	if err != nil {
		return err
	}
	found, ok, err := l.inspect(ctx, f.Ref)
	if err == nil && (!ok || found.Config.Labels[LabelInputs] != f.Inputs) {
		err = fmt.Errorf("the archive was loaded, but the container engine does not have its image as %s", f.Ref)
	}
	return err
}

// imageID returns the ID of an image of the engine; empty if it does not have it.
func (s *Source) imageID(ctx context.Context, ref string) string {
	found, _, err := s.inspect(ctx, ref)
	if err != nil {
		return ""
	}
	return found.ID
}

// keep puts everything in its place in the cache. What the cache has already stays.
func (l *unbundling) keep(b bundle) error {
	for _, f := range b.Files {
		put := l.place
		if f.Kind == bundledNode {
			put = l.noteNode
		}
		if err := put(f); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}

// place makes the folder of an image the output of the step that pulls it.
func (l *unbundling) place(f bundled) error {
	final := l.path(l.pulledStep(f.Of, keptAs(f.Of)))
	if _, err := os.Stat(final); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(final), 0o755); err != nil {
		return err
	}
	return os.Rename(filepath.Join(l.dir, f.Name), final)
}

// noteNode notes where a node image of a bundle comes from.
func (l *unbundling) noteNode(f bundled) error {
	if f.From != "" {
		return l.noteNodeFrom(f.Of, f.From)
	}
	dir := filepath.Join(l.Cache, bundledNodes)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, f.Of), []byte(f.Inputs), 0o644)
}

// isBundled reports whether a bundle brought the built node image of a version.
func (s *Source) isBundled(version, inputs string) bool {
	bundled, err := os.ReadFile(filepath.Join(s.Cache, bundledNodes, version))
	return err == nil && inputs != "" && string(bundled) == inputs
}

// undo gives the names of the images that were loaded back to those that had them. It works although ctx has ended.
func (l *unbundling) undo(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	var errs []error
	for _, image := range l.before {
		var err error
		switch now := l.imageID(ctx, image.ref); {
		case now == image.id:
		case image.id == "":
			_, err = l.Engine.Run(ctx, "rmi", image.ref)
		default:
			_, err = l.Engine.Run(ctx, "tag", image.id, image.ref)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

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
	"path"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/klauspost/compress/zstd"
)

const (
	// bundleFile is the first file of a bundle, which describes the others.
	bundleFile = "bundle.json"
	// bundleSchema is increased when an older noteproof could not read a bundle.
	bundleSchema = 1
)

// bundle describes the files of a bundle: a tar archive, compressed with zstd, of everything that runs on some versions need and
// would pull or build.
type bundle struct {
	Schema    int       `json:"schema"`
	Noteproof string    `json:"noteproof"` // the version that saved it
	Platform  string    `json:"platform"`  // "linux/amd64"
	Versions  []string  `json:"versions"`  // of Kubernetes
	Files     []bundled `json:"files"`     // in the order of the archive
}

// The kinds of a bundled file.
const (
	bundledNode  = "node"
	bundledImage = "image" // the workload image, or one of the load balancer plugin
)

// bundled is a file of a bundle.
type bundled struct {
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	SHA256 string `json:"sha256"` // in hexadecimal
	Size   int64  `json:"size"`   // in bytes
	// Of is what it is: the version of a node image, else the name under which its project publishes it.
	Of string `json:"of"`
	// Ref is the name of the image in the archive.
	Ref string `json:"ref,omitempty"`
	// From is the reference, by digest, from which the image was pulled; absent if it was built.
	From string `json:"from,omitempty"`
	// Inputs is the hash of what a node image was built from; absent if it was pulled.
	Inputs string `json:"inputs,omitempty"`

	path string // of the content, when it is saved
}

// SaveBundle writes a bundle of these exact versions to a file, which it replaces as a whole. What is not present is pulled or built.
// noteproof is the version of this program.
func (s *Source) SaveBundle(ctx context.Context, versions []string, noteproof, file string) error {
	var nodes []Image
	for _, version := range versions {
		node, err := s.Node(ctx, version)
		if err != nil {
			return err
		}
		nodes = append(nodes, node)
	}
	b := bundle{Schema: bundleSchema, Noteproof: noteproof, Platform: s.platform(), Versions: versions}
	shared, err := s.sharedFiles(ctx)
	if err != nil {
		return err
	}
	unlock, err := s.lock(ctx) // which keeps the temporary files, and those of the cache
	if err != nil {
		return err
	}
	defer unlock()
	dir, err := os.MkdirTemp(s.Cache, tmpPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // the next lock removes it
	for _, node := range nodes {
		saved, err := s.saveNode(ctx, node, dir)
		if err != nil {
			return err
		}
		b.Files = append(b.Files, saved)
	}
	b.Files = append(b.Files, shared...)
	step := s.Log.Step("write %s", file)
	return step.End(b.write(ctx, file))
}

// sharedFiles returns the files that runs on every version need.
func (s *Source) sharedFiles(ctx context.Context) ([]bundled, error) {
	workload, err := s.Workload(ctx)
	if err != nil {
		return nil, err
	}
	plugin, err := s.LoadBalancer(ctx)
	if err != nil {
		return nil, err
	}
	files := []bundled{
		{Name: "workload.tar", Kind: bundledImage, Of: PublishedWorkload, Ref: workload.Ref, From: workload.From, path: workload.Path},
	}
	for i, image := range plugin.Images {
		program := metallb()[i]
		files = append(files, bundled{Name: program.Name + ".tar", Kind: bundledImage, Of: publishedPlugin(program), Ref: image.Ref, From: image.From, path: image.Path})
	}
	return files, nil
}

// saveNode saves a node image of the engine to a file in dir.
func (s *Source) saveNode(ctx context.Context, node Image, dir string) (bundled, error) {
	found, ok, err := s.inspect(ctx, node.Ref)
	if err == nil && !ok {
		err = fmt.Errorf("the container engine no longer has %s: run the same command again", node.Ref)
	}
	if err != nil {
		return bundled{}, err
	}
	file := bundled{Name: "node-" + node.Version + ".tar", Kind: bundledNode, Of: node.Version, Ref: node.Ref, From: node.From, Inputs: found.Config.Labels[LabelInputs]}
	file.path = filepath.Join(dir, file.Name)
	step := s.Log.Step("save the node image of Kubernetes %s", node.Version)
	_, err = s.Engine.Run(ctx, "save", "-o", file.path, node.Ref)
	return file, step.End(err)
}

// write writes the bundle to a file.
func (b bundle) write(ctx context.Context, file string) error {
	for i := range b.Files {
		if err := b.Files[i].measure(ctx); err != nil {
			return fmt.Errorf("read %s: %w", b.Files[i].path, err)
		}
	}
	out, err := renameio.NewPendingFile(file, renameio.WithPermissions(0o644), renameio.WithTempDir(filepath.Dir(file)))
	if err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	defer out.Cleanup() //nolint:errcheck // after CloseAtomicallyReplace it does nothing
	if err := b.writeTo(ctx, out); err != nil {
		return fmt.Errorf("write the bundle %s: %w", file, err)
	}
	return out.CloseAtomicallyReplace()
}

// measure sets the size and the digest of a file.
func (f *bundled) measure(ctx context.Context) error {
	in, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	sum := sha256.New()
	f.Size, err = io.Copy(sum, reader{ctx, in})
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return err
}

func (b bundle) writeTo(ctx context.Context, out io.Writer) error {
	description, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	compressed, err := zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedFastest)) // most of it is compressed already
	if err != nil {
		return err
	}
	archive := tar.NewWriter(compressed)
	err = addFile(archive, bundleFile, int64(len(description)), strings.NewReader(string(description)))
	for _, f := range b.Files {
		if err == nil {
			err = f.addTo(ctx, archive)
		}
	}
	if err != nil {
		return errors.Join(err, compressed.Close())
	}
	return errors.Join(archive.Close(), compressed.Close())
}

func (f bundled) addTo(ctx context.Context, archive *tar.Writer) error {
	in, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	return addFile(archive, f.Name, f.Size, reader{ctx, in})
}

func addFile(archive *tar.Writer, name string, size int64, content io.Reader) error {
	if err := archive.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: size}); err != nil {
		return err
	}
	_, err := io.Copy(archive, content)
	return err
}

// reader reads until its context ends.
type reader struct {
	ctx context.Context //nolint:containedctx // io.Reader has no other place for it
	io.Reader
}

// Read implements io.Reader.
func (r reader) Read(into []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.Reader.Read(into)
}

// needed returns the kinds and names of the files that every run needs. Without a Ref, an image may have any.
func needed() []bundled {
	files := []bundled{{Kind: bundledImage, Of: PublishedWorkload, Ref: WorkloadImage}}
	for _, program := range metallb() {
		files = append(files, bundled{Kind: bundledImage, Of: publishedPlugin(program)})
	}
	return files
}

// keptAs returns the name that a run gives to a published image.
func keptAs(published string) string {
	if published == PublishedWorkload {
		return WorkloadImage
	}
	return published
}

// pulledStep returns the step of an image that was pulled or brought by a bundle.
func (s *Source) pulledStep(published, as string) step {
	repository, _, _ := strings.Cut(path.Base(published), ":")
	return step{"image-pulled-" + repository, []any{published, as, s.platform()}}
}

package nodeimage

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	ocilayout "github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/progress"
)

// nodeWith returns an image whose file kind/version, in the layer below the topmost, has this content.
func nodeWith(version string) v1.Image {
	var layer bytes.Buffer
	files := tar.NewWriter(&layer)
	_ = files.WriteHeader(&tar.Header{Name: "./kind/version", Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(version))})
	_, _ = files.Write([]byte(version))
	_ = files.Close()
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(layer.Bytes())), nil }
	image := must(mutate.AppendLayers(empty.Image, must(tarball.LayerFromOpener(open)), must(random.Layer(1000, "application/vnd.oci.image.layer.v1.tar+gzip"))))
	config := must(image.ConfigFile()).DeepCopy()
	config.OS, config.Architecture, _ = strings.Cut((&Source{}).platform(), "/")
	return must(mutate.ConfigFile(image, config))
}

// foreign returns the image for another architecture.
func foreign(image v1.Image) v1.Image {
	config := must(image.ConfigFile()).DeepCopy()
	config.Architecture = "s390x"
	return must(mutate.ConfigFile(image, config))
}

// dockerArchive writes an archive as docker save does.
func dockerArchive(t *testing.T, images ...v1.Image) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "node.tar")
	byTag := map[name.Tag]v1.Image{}
	for i, image := range images {
		byTag[must(name.NewTag("example.com/node:"+string(rune('a'+i))))] = image
	}
	NewWithT(t).Expect(tarball.MultiWriteToFile(path, byTag)).To(Succeed())
	return path
}

// ociArchive writes an archive as podman save --format oci-archive does. change may change the content of its files.
func ociArchive(t *testing.T, image v1.Image, change func(name string, content []byte) []byte) string {
	t.Helper()
	g := NewWithT(t)
	dir := t.TempDir()
	written := must(ocilayout.Write(dir, empty.Index))
	g.Expect(written.AppendImage(image)).To(Succeed())
	path := filepath.Join(t.TempDir(), "node.tar")
	out := must(os.Create(path))
	files := tar.NewWriter(out)
	g.Expect(filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		below := must(filepath.Rel(dir, path))
		content := change(below, must(os.ReadFile(path)))
		g.Expect(files.WriteHeader(&tar.Header{Name: below, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content))})).To(Succeed())
		_, err = files.Write(content)
		return err
	})).To(Succeed())
	g.Expect(files.Close()).To(Succeed())
	g.Expect(out.Close()).To(Succeed())
	return path
}

func unchanged(_ string, content []byte) []byte { return content }

// zipped compresses a file.
func zipped(t *testing.T, path string) string {
	t.Helper()
	var out bytes.Buffer
	to := gzip.NewWriter(&out)
	_, _ = to.Write(must(os.ReadFile(path)))
	_ = to.Close()
	NewWithT(t).Expect(os.WriteFile(path+".gz", out.Bytes(), 0o644)).To(Succeed())
	return path + ".gz"
}

// truncated cuts a file in half.
func truncated(t *testing.T, path string) string {
	t.Helper()
	NewWithT(t).Expect(os.Truncate(path, must(os.Stat(path)).Size()/2)).To(Succeed())
	return path
}

// storingEngine keeps the images that are loaded from standard input, and knows their versions.
type storingEngine struct {
	dir    string
	images map[string]string // versions by name
	ran    []string
}

func (e *storingEngine) Command(ctx context.Context, args ...string) *exec.Cmd {
	e.ran = append(e.ran, strings.Join(args, " "))
	return exec.CommandContext(ctx, "sh", "-c", `case $TMPDIR in */.half-*) cat >"$0";; esac`, filepath.Join(e.dir, "loaded.tar"))
}

func (e *storingEngine) Run(_ context.Context, args ...string) (string, error) {
	ref := args[len(args)-1]
	if args[0] == "run" {
		ref = args[len(args)-2]
	}
	version, ok := e.images[ref]
	switch {
	case !ok:
		return "", errors.New("no such image: " + ref)
	case args[0] == "run":
		return version + "\n", nil
	default:
		return "[{}]", nil
	}
}

// loaded returns the only image that was loaded, and its name.
func (e *storingEngine) loaded(g *WithT) (v1.Image, string) {
	path := filepath.Join(e.dir, "loaded.tar")
	manifest := must(tarball.LoadManifest(func() (io.ReadCloser, error) { return os.Open(path) }))
	g.Expect(manifest).To(HaveLen(1))
	g.Expect(manifest[0].RepoTags).To(HaveLen(1))
	return must(tarball.ImageFromPath(path, nil)), manifest[0].RepoTags[0]
}

// withEngine returns a source with an engine that has images of these versions by name.
func withEngine(t *testing.T, images map[string]string) (*Source, *storingEngine, *bytes.Buffer) {
	t.Helper()
	t.Setenv("DOCKER_CONFIG", t.TempDir()) // no credentials of this machine
	if images == nil {
		images = map[string]string{}
	}
	out := &bytes.Buffer{}
	engine := &storingEngine{dir: t.TempDir(), images: images}
	return &Source{Cache: t.TempDir(), Engine: engine, Log: progress.New(out)}, engine, out
}

func TestANodeImageOfOnesOwnIsAReferenceOrAnArchive(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	g.Expect(os.WriteFile(filepath.Join(dir, "mine"), nil, 0o644)).To(Succeed())
	for text, want := range map[string]string{
		"": "", "mine": filepath.Join(dir, "mine"), filepath.Join(dir, "mine"): filepath.Join(dir, "mine"),
		"kindest/node:v1.36.4": "kindest/node:v1.36.4", "localhost:5000/node": "localhost:5000/node",
		"kindest/node@sha256:" + strings.Repeat("a", 64): "kindest/node@sha256:" + strings.Repeat("a", 64),
	} {
		own, err := ParseOwnImage(dir, text)
		g.Expect(err).NotTo(HaveOccurred(), text)
		g.Expect(own.String()).To(Equal(want))
	}
	for text, says := range map[string]string{
		"missing.tar": "there is no archive " + filepath.Join(dir, "missing.tar"), "./missing": "there is no archive", "node.tar.gz": "docker save",
		dir: "there is no archive", "UPPER/CASE": "neither the path of an archive nor the name of an image such as kindest/node:",
	} {
		_, err := ParseOwnImage(dir, text)
		g.Expect(err).To(MatchError(ContainSubstring(says)), text)
	}
}

func TestAnArchiveIsLoadedUnderANameOfOursOnce(t *testing.T) {
	node := nodeWith("v1.36.4\n")
	for form, archive := range map[string]string{
		"docker": dockerArchive(t, node), "docker, gzip": zipped(t, dockerArchive(t, node)),
		"OCI": ociArchive(t, node, unchanged), "OCI, gzip": zipped(t, ociArchive(t, node, unchanged)),
	} {
		t.Run(form, func(t *testing.T) {
			g := NewWithT(t)
			s, engine, out := withEngine(t, nil)
			own := must(ParseOwnImage("", archive))
			image, err := s.Own(t.Context(), own, "")
			g.Expect(err).NotTo(HaveOccurred(), out.String())
			id := must(node.ConfigName())
			g.Expect(image).To(Equal(Image{Ref: "localhost/noteproof/own-node:" + id.Hex[:12], Version: "v1.36.4", Origin: Loaded}))
			got, as := engine.loaded(g)
			g.Expect(as).To(Equal(image.Ref))
			g.Expect(must(got.ConfigName())).To(Equal(id))
			g.Expect(versionIn(got)).To(Equal("v1.36.4"), "with all its layers")
			g.Expect(filepath.Glob(filepath.Join(s.Cache, tmpPrefix+"*"))).To(BeEmpty())

			engine.images[image.Ref] = "v1.36.4"
			again, err := s.Own(t.Context(), own, "1.36")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(again).To(Equal(Image{Ref: image.Ref, Version: "v1.36.4", Origin: Present}))
			g.Expect(engine.ran).To(Equal([]string{"load"}), "it is not loaded again")
		})
	}
}

func TestArchivesThatAreNoNodeImage(t *testing.T) {
	node := nodeWith("v1.36.4")
	text := filepath.Join(t.TempDir(), "notes")
	NewWithT(t).Expect(os.WriteFile(text, []byte("no archive"), 0o644)).To(Succeed())
	damaged := func(name string, content []byte) []byte {
		if len(content) > 900 && strings.HasPrefix(name, "blobs") {
			content[len(content)/2] ^= 1
		}
		return content
	}
	for path, says := range map[string]string{
		text:                                    "is not an archive of an image",
		truncated(t, dockerArchive(t, node)):    "unexpected EOF",
		dockerArchive(t, node, nodeWith("v1")):  "holds 2 images: save one alone",
		ociArchive(t, node, damaged):            "the archive is damaged",
		dockerArchive(t, nodeWith("latest")):    `says "latest": not a Kubernetes version`,
		dockerArchive(t, nodeWith("v1.36")):     `says "v1.36": not a Kubernetes version`,
		dockerArchive(t, foreign(node)):         "it is an image for linux/s390x, and containers here are linux/",
		dockerArchive(t, foreign(nodeWith(""))): "s390x",
		dockerArchive(t, nodeWith("")):          "it has no file /kind/version; kind build node-image makes one",
	} {
		g := NewWithT(t)
		s, engine, _ := withEngine(t, nil)
		_, err := s.Own(t.Context(), must(ParseOwnImage("", path)), "")
		g.Expect(err).To(MatchError(And(HavePrefix("the node image "+path), ContainSubstring(says))))
		g.Expect(engine.ran).To(BeEmpty(), "nothing is loaded")
		g.Expect(filepath.Glob(filepath.Join(s.Cache, tmpPrefix+"*"))).To(BeEmpty())
	}
}

func TestTheVersionOfANodeImageMustBeTheOneThatIsAskedFor(t *testing.T) {
	own := must(ParseOwnImage("", "example.com/node:mine"))
	for want, fits := range map[string]bool{"": true, "v1.36.4": true, "1.36.4": true, "1.36": true, "v1.36": true, "v1.36.4+ipvs": true, "+ipvs": true, "1.37+ipvs": false, "v1.36.3": false, "1.37": false, "v1.36.4-rc.0": false} {
		g := NewWithT(t)
		s, _, _ := withEngine(t, map[string]string{"example.com/node:mine": "v1.36.4"})
		image, err := s.Own(t.Context(), own, want)
		if fits {
			g.Expect(err).NotTo(HaveOccurred(), want)
			g.Expect(image).To(Equal(Image{Ref: "example.com/node:mine", Version: "v1.36.4", Origin: Present}))
			continue
		}
		g.Expect(err).To(MatchError(ErrOtherVersion), want)
		g.Expect(err).To(MatchError(ContainSubstring("the node image example.com/node:mine: it has another version: it is of Kubernetes v1.36.4, and " + want + " is asked for")))
	}
	g := NewWithT(t)
	s, _, _ := withEngine(t, map[string]string{"example.com/node:mine": "v1.38.0-alpha.1.12+0123456789abcd"})
	image, err := s.Own(t.Context(), own, "")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(image.Version).To(Equal("v1.38.0-alpha.1.12+0123456789abcd"), "as kind builds it from a checkout")
}

func TestAnArchiveOfAnotherVersionIsNotLoaded(t *testing.T) {
	g := NewWithT(t)
	s, engine, _ := withEngine(t, nil)
	_, err := s.Own(t.Context(), must(ParseOwnImage("", dockerArchive(t, nodeWith("v1.36.4")))), "1.37")
	g.Expect(err).To(MatchError(ErrOtherVersion))
	g.Expect(engine.ran).To(BeEmpty())
}

func TestAnImageThatTheEngineLacksIsPulled(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	host := strings.TrimPrefix(server.URL, "http://")
	node := nodeWith("v1.36.4")
	g.Expect(remote.Write(must(name.NewTag(host+"/mirror/mine/node:edge")), node)).To(Succeed())
	s, engine, out := withEngine(t, nil)
	s.Registries = must(ParseRegistries("example.com=" + host + "/mirror"))
	own := must(ParseOwnImage("", "example.com/mine/node:edge"))

	image, err := s.Own(t.Context(), own, "v1.36.4")
	g.Expect(err).NotTo(HaveOccurred(), out.String())
	digest := must(node.Digest())
	want := Image{Ref: ownName + ":" + digest.Hex[:12], Version: "v1.36.4", From: host + "/mirror/mine/node@" + digest.String(), Origin: Loaded}
	g.Expect(image).To(Equal(want))
	_, as := engine.loaded(g)
	g.Expect(as).To(Equal(image.Ref))
	engine.images[image.Ref] = "v1.36.4"
	want.Origin = Present
	g.Expect(s.Own(t.Context(), own, "")).To(Equal(want), "by its digest")

	g.Expect(s.Own(t.Context(), must(ParseOwnImage("", "example.com/mine/node@"+digest.String())), "")).To(Equal(want), "named by digest")

	server.Close()
	g.Expect(s.Own(t.Context(), own, "")).To(Equal(want), "the registry is away")
	g.Expect(out.String()).To(ContainSubstring("the image that was pulled before is used"))
	g.Expect(engine.ran).To(HaveLen(1))
	for _, missing := range []string{"example.com/mine/node:other", host + "/mine/node:edge"} {
		_, err = s.Own(t.Context(), must(ParseOwnImage("", missing)), "")
		g.Expect(err).To(MatchError(And(HavePrefix("the node image "+missing), MatchRegexp("the container engine does not have it, and .* cannot be pulled \\("))))
	}
}

func TestAFailedLoadIsReportedWithTheEnginesWords(t *testing.T) {
	g := NewWithT(t)
	s := &Source{Engine: brokenEngine{}}
	endless := func(to io.Writer) error {
		for {
			if _, err := to.Write(make([]byte, 1<<16)); err != nil {
				return err
			}
		}
	}
	g.Expect(s.loadFrom(t.Context(), t.TempDir(), endless)).To(MatchError(ContainSubstring("no space left on device")))
	broken := errors.New("the archive is damaged")
	g.Expect(s.loadFrom(t.Context(), t.TempDir(), func(io.Writer) error { return broken })).To(MatchError(broken))
}

// brokenEngine has a full disk.
type brokenEngine struct{ *storingEngine }

func (brokenEngine) Command(ctx context.Context, _ ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "sh", "-c", "echo no space left on device >&2; exit 1")
}

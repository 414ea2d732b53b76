package nodeimage

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/klauspost/compress/zstd"
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/progress"
)

// imageEngine saves, loads, tags and removes images.
type imageEngine struct {
	dir    string
	images map[string]v1.Image // by name
	asked  []string
	// refuse fails loading the image with this number, the first of which is 1, after stop was called.
	refuse, loads int
	stop          func()
}

func newImageEngine(t *testing.T) *imageEngine {
	t.Helper()
	return &imageEngine{dir: t.TempDir(), images: map[string]v1.Image{}}
}

func (e *imageEngine) Command(ctx context.Context, args ...string) *exec.Cmd {
	e.asked = append(e.asked, args[0])
	if e.loads++; e.loads == e.refuse {
		e.stop()
		return exec.CommandContext(ctx, "sh", "-c", "echo no space left on device >&2; exit 1")
	}
	return exec.CommandContext(ctx, "sh", "-c", `cat >"$0"`, filepath.Join(e.dir, "loaded.tar"))
}

// takeLoaded adds the image that was loaded since the last call.
func (e *imageEngine) takeLoaded() {
	path := filepath.Join(e.dir, "loaded.tar")
	manifest, err := tarball.LoadManifest(func() (io.ReadCloser, error) { return os.Open(path) })
	if err != nil {
		return
	}
	kept := filepath.Join(e.dir, fmt.Sprintf("kept-%d.tar", len(e.images)))
	if err := os.Rename(path, kept); err != nil {
		panic(err)
	}
	e.images[manifest[0].RepoTags[0]] = must(tarball.ImageFromPath(kept, nil))
}

func (e *imageEngine) Run(_ context.Context, args ...string) (string, error) {
	e.takeLoaded()
	last := args[len(args)-1]
	image, ok := e.images[last]
	switch args[0] {
	case "tag":
		for _, known := range e.images {
			if must(known.ConfigName()).Hex == args[1] {
				e.images[last] = known
			}
		}
		return "", nil
	case "rmi":
		delete(e.images, last)
		return "", nil
	}
	if !ok {
		return "", errors.New("no such image: " + last)
	}
	if args[0] == "save" {
		return "", tarball.WriteToFile(args[2], must(name.NewTag(last)), image)
	}
	return fmt.Sprintf(`[{"Id": %q, "Config": {"Labels": {%q: %q}}}]`, must(image.ConfigName()).Hex, LabelInputs, must(image.ConfigFile()).Config.Labels[LabelInputs]), nil
}

// builtFrom returns a random image with a label for what it was built from; empty for none.
func builtFrom(inputs string) v1.Image {
	image := must(random.Image(1000, 1))
	return must(mutate.Config(image, v1.Config{Labels: map[string]string{LabelInputs: inputs}}))
}

// archiveOf writes the archive of a random image.
func archiveOf(t *testing.T, ref string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image.tar")
	NewWithT(t).Expect(tarball.WriteToFile(path, must(name.NewTag(ref)), must(random.Image(1000, 1)))).To(Succeed())
	return path
}

// smallBundle returns a bundle of v1.36.4, which was pulled, and v1.37.2, which was built, with random images.
func smallBundle(t *testing.T) bundle {
	t.Helper()
	node := func(version, ref, from, inputs string) bundled {
		path := filepath.Join(t.TempDir(), "image.tar")
		NewWithT(t).Expect(tarball.WriteToFile(path, must(name.NewTag(ref)), builtFrom(inputs))).To(Succeed())
		return bundled{Name: "node-" + version + ".tar", Kind: bundledNode, Of: version, Ref: ref, From: from, Inputs: inputs, path: path}
	}
	b := bundle{Schema: bundleSchema, Noteproof: "v1.2.3", Platform: (&Source{}).platform(), Versions: []string{"v1.36.4", "v1.37.2"}, Files: []bundled{
		node("v1.36.4", publishedName+":v1.36.4", "docker.io/kindest/node@sha256:1", ""),
		node("v1.37.2", nodeName+":v1.37.2", "", "abc"),
	}}
	for i, f := range needed() {
		f.Name, f.Ref = fmt.Sprintf("file-%d", i), f.Of
		switch {
		case f.Of == PublishedWorkload:
			f.Ref = WorkloadImage
		case strings.Contains(f.Of, "speaker"):
			f.Ref = Repository + "metallb-speaker:v0"
		default:
			f.From = f.Of + "@sha256:2"
		}
		f.path = archiveOf(t, f.Ref)
		b.Files = append(b.Files, f)
	}
	return b
}

// saved writes a bundle.
func saved(t *testing.T, b bundle) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bundle.tar.zst")
	NewWithT(t).Expect(b.write(t.Context(), file)).To(Succeed())
	return file
}

// withImages returns a source with an empty cache, and an engine without images.
func withImages(t *testing.T) (*Source, *imageEngine, *bytes.Buffer) {
	t.Helper()
	out, engine := &bytes.Buffer{}, newImageEngine(t)
	return &Source{Cache: t.TempDir(), Engine: engine, Log: progress.New(out), Registries: must(ParseRegistries("127.0.0.1:1"))}, engine, out
}

func TestABundleIsAllThatItsVersionsNeed(t *testing.T) {
	g := NewWithT(t)
	s, engine, out := withImages(t)
	versions, err := s.LoadBundle(t.Context(), saved(t, smallBundle(t)), "v1.2.3")
	g.Expect(err).NotTo(HaveOccurred(), out.String())
	g.Expect(versions).To(Equal([]string{"v1.36.4", "v1.37.2"}))

	// Save what was loaded, and load that on a third machine.
	again := filepath.Join(t.TempDir(), "again.tar.zst")
	g.Expect(s.SaveBundle(t.Context(), versions, "v1.2.4", again)).To(Succeed(), out.String())
	g.Expect(engine.asked).To(Equal([]string{"load", "load"}), "nothing is pulled or built")
	third, _, out := withImages(t)
	g.Expect(third.LoadBundle(t.Context(), again, "v1.2.4")).To(Equal(versions), out.String())

	for _, s := range []*Source{s, third} {
		s.cachedOnly = true // nothing is pulled or built
		g.Expect(s.Node(t.Context(), "v1.36.4")).To(Equal(Image{Ref: publishedName + ":v1.36.4", Version: "v1.36.4", From: "docker.io/kindest/node@sha256:1", Origin: Present}))
		g.Expect(s.Node(t.Context(), "v1.37.2")).To(Equal(Image{Ref: nodeName + ":v1.37.2", Version: "v1.37.2", Origin: Present}), "whatever this machine would build")
		workload, err := s.Workload(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(workload).To(And(HaveField("Ref", WorkloadImage), HaveField("From", ""), HaveField("Path", BeARegularFile())))
		plugin, err := s.LoadBalancer(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(plugin.Images).To(HaveExactElements(
			And(HaveField("Ref", "quay.io/metallb/controller:v0.15.2"), HaveField("From", "quay.io/metallb/controller:v0.15.2@sha256:2")),
			And(HaveField("Ref", Repository+"metallb-speaker:v0"), HaveField("From", ""))))
		g.Expect(plugin.Manifests).To(And(ContainSubstring("image: quay.io/metallb/controller:v0.15.2\n"), ContainSubstring("image: "+Repository+"metallb-speaker:v0\n")))
		g.Expect(filepath.Glob(filepath.Join(s.Cache, tmpPrefix+"*"))).To(BeEmpty())
	}
}

// rewritten writes a bundle whose archive change has changed: it is called for each file, and returns what is written.
func rewritten(t *testing.T, file string, change func(header *tar.Header, content []byte) []byte) string {
	t.Helper()
	g := NewWithT(t)
	in := tar.NewReader(must(zstd.NewReader(bytes.NewReader(must(os.ReadFile(file))))))
	var out bytes.Buffer
	compressed := must(zstd.NewWriter(&out))
	files := tar.NewWriter(compressed)
	for {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		g.Expect(err).NotTo(HaveOccurred())
		content := change(header, must(io.ReadAll(in)))
		header.Size = int64(len(content))
		g.Expect(files.WriteHeader(header)).To(Succeed())
		_, err = files.Write(content)
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(files.Close()).To(Succeed())
	g.Expect(compressed.Close()).To(Succeed())
	g.Expect(os.WriteFile(file, out.Bytes(), 0o644)).To(Succeed())
	return file
}

func TestBundlesThatAreRefused(t *testing.T) {
	good := func(change func(*bundle)) string {
		b := smallBundle(t)
		change(&b)
		return saved(t, b)
	}
	unchangedBundle := func() string { return good(func(*bundle) {}) }
	flipped := func(file string) string {
		content := must(os.ReadFile(file))
		content[len(content)/2] ^= 1
		NewWithT(t).Expect(os.WriteFile(file, content, 0o644)).To(Succeed())
		return file
	}
	text := filepath.Join(t.TempDir(), "notes.txt")
	NewWithT(t).Expect(os.WriteFile(text, []byte("Pods are mortal."), 0o644)).To(Succeed())
	for trouble, c := range map[string]struct{ file, says string }{
		"missing":         {filepath.Join(t.TempDir(), "none"), "no such file"},
		"a text":          {text, "it is not a bundle, as noteproof bundle save writes it"},
		"an image":        {archiveOf(t, "example.com/image:1"), "it is not a bundle"},
		"another archive": {rewritten(t, unchangedBundle(), func(h *tar.Header, content []byte) []byte { h.Name = "other"; return content }), `it begins with "other"`},
		"truncated":       {truncated(t, unchangedBundle()), "it is not whole: copy it again"},
		"a damaged byte":  {flipped(unchangedBundle()), ""},
		"another image": {rewritten(t, unchangedBundle(), func(h *tar.Header, content []byte) []byte {
			content[0] ^= map[bool]byte{true: 1}[h.Name == "file-0"]
			return content
		}), "file-0 has the digest "},
		"a shorter file": {rewritten(t, unchangedBundle(), func(h *tar.Header, content []byte) []byte {
			return content[:len(content)-map[bool]int{true: 1}[h.Name == "file-1"]]
		}), "it has \"file-1\" of "},
		"a missing file": {good(func(b *bundle) { b.Files = b.Files[1:] }), "it lacks v1.36.4, which this noteproof (v1.2.4) needs; noteproof v1.2.3 saved it: save it again"},
		"other images":   {good(func(b *bundle) { b.Files[2].Of = "registry.k8s.io/e2e-test-images/agnhost:2.1" }), "it lacks " + PublishedWorkload},
		"an older image": {good(func(b *bundle) { b.Files[2].Ref = Repository + "agnhost:v1.20.0" }), "it lacks " + PublishedWorkload},
		"a file too many": {good(func(b *bundle) {
			b.Files = append(b.Files, bundled{Name: "x", Kind: "image", Of: "y", Ref: "z", path: text})
		}), `it holds "x" ("y"), which this noteproof (v1.2.4) does not use`},
		"another name":     {good(func(b *bundle) { b.Files[0].Ref = "docker.io/library/debian:12" }), `it holds "node-v1.36.4.tar"`},
		"a path":           {good(func(b *bundle) { b.Files[2].Name = "../../etc/passwd" }), `"../../etc/passwd" is not the name of a file`},
		"no name":          {good(func(b *bundle) { b.Files[3].Ref = "a\nkind: Secret" }), "tag can only contain"},
		"another machine":  {good(func(b *bundle) { b.Platform = "linux/s390x" }), "it is for linux/s390x, and the container engine's machine is " + (&Source{}).platform()},
		"a later format":   {good(func(b *bundle) { b.Schema = 2 }), "it has the schema 2, and this noteproof reads 1"},
		"no exact version": {good(func(b *bundle) { b.Versions = []string{"../v1"} }), "not a Kubernetes version"},
		"listed, not there": {rewritten(t, unchangedBundle(), func(h *tar.Header, content []byte) []byte {
			return bytes.ReplaceAll(content, []byte(`"file-2"`), []byte(`"file-9"`))
		}), `"file-9"`},
	} {
		t.Run(trouble, func(t *testing.T) {
			g := NewWithT(t)
			s, engine, _ := withImages(t)
			_, err := s.LoadBundle(t.Context(), c.file, "v1.2.4")
			g.Expect(err).To(MatchError(And(HavePrefix("the bundle "+c.file), ContainSubstring(c.says))))
			g.Expect(engine.asked).To(BeEmpty(), "nothing is loaded")
			g.Expect(cachedFiles(g, s)).To(BeEmpty())
		})
	}
}

func TestABundleThatCannotBeLoadedLeavesNothing(t *testing.T) {
	for trouble, c := range map[string]struct {
		refuse      int
		interrupted bool
	}{"the first": {1, false}, "the second": {2, false}, "interrupted": {2, true}} {
		t.Run(trouble, func(t *testing.T) {
			g := NewWithT(t)
			s, engine, _ := withImages(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			engine.refuse, engine.stop = c.refuse, func() {
				engine.takeLoaded()
				if c.interrupted {
					cancel()
				}
			}
			before := builtFrom("earlier")
			engine.images[publishedName+":v1.36.4"], engine.images["a-name-of-it"] = before, before
			_, err := s.LoadBundle(ctx, saved(t, smallBundle(t)), "v1.2.3")
			if c.interrupted {
				g.Expect(err).To(MatchError(context.Canceled))
			} else {
				g.Expect(err).To(MatchError(ContainSubstring("no space left on device")))
			}
			g.Expect(engine.images).To(Equal(map[string]v1.Image{publishedName + ":v1.36.4": before, "a-name-of-it": before}))
			g.Expect(cachedFiles(g, s)).To(Equal([]string{"lock"}))
		})
	}
}

func TestABundleIsWrittenAsAWhole(t *testing.T) {
	g := NewWithT(t)
	b := smallBundle(t)
	file := saved(t, b)
	whole := must(os.ReadFile(file))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g.Expect(b.write(ctx, file)).To(MatchError(context.Canceled))
	g.Expect(b.write(t.Context(), filepath.Join(t.TempDir(), "missing", "bundle"))).To(MatchError(ContainSubstring("no such file")))
	g.Expect(os.ReadFile(file)).To(Equal(whole))
	g.Expect(os.ReadDir(filepath.Dir(file))).To(HaveLen(1), "nothing else is left there")
}

package nodeimage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/progress"
)

const somePublished = "quay.io/metallb/speaker:v0.15.2"

// mirrorWith starts a registry on this machine that has an image as metallb/speaker:v0.15.2. Requests go through around, which may
// be nil. It returns the image and a Source that pulls from there, with its log.
func mirrorWith(t *testing.T, around func(http.Handler) http.Handler) (v1.Image, *Source, *bytes.Buffer) {
	t.Helper()
	g := NewWithT(t)
	t.Setenv("DOCKER_CONFIG", t.TempDir()) // no credentials of this machine
	host := startRegistry(t, t.TempDir(), "", "")
	image := push(t, host)
	target := &url.URL{Scheme: "http", Host: host}
	handler := http.Handler(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }})
	if around != nil {
		handler = around(handler)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	mirrors, err := ParseRegistries(strings.TrimPrefix(server.URL, "http://"))
	g.Expect(err).NotTo(HaveOccurred())
	output := &bytes.Buffer{}
	return image, &Source{Cache: t.TempDir(), Log: progress.New(output), Registries: mirrors, pullPause: time.Millisecond}, output
}

func TestAnImageIsPulledByDigestOnce(t *testing.T) {
	g := NewWithT(t)
	var asked atomic.Int32
	image, s, log := mirrorWith(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			next.ServeHTTP(w, r)
		})
	})
	archive, ok, err := s.pullArchive(t.Context(), somePublished, "localhost/ours:v1")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ok).To(BeTrue(), log.String())
	digest, err := image.Digest()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(archive.From).To(HaveSuffix("/metallb/speaker@" + digest.String()))
	written, err := tarball.ImageFromPath(archive.Path, nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(written.ConfigName()).To(Equal(must(image.ConfigName())))
	manifest, err := tarball.LoadManifest(func() (io.ReadCloser, error) { return os.Open(archive.Path) })
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(manifest[0].RepoTags).To(Equal([]string{"localhost/ours:v1"}))

	before := asked.Load()
	again, ok, err := (&Source{Cache: s.Cache, cachedOnly: true, Registries: s.Registries}).pullArchive(t.Context(), somePublished, "localhost/ours:v1")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ok).To(BeTrue())
	g.Expect(again).To(Equal(archive))
	g.Expect(asked.Load()).To(Equal(before), "the registry is not asked for what was pulled before")
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// blobs changes answers with blobs, of which the first is number 1.
func blobs(change func(number int32, w http.ResponseWriter, r *http.Request, next http.Handler)) func(http.Handler) http.Handler {
	var number atomic.Int32
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/blobs/") {
				next.ServeHTTP(w, r)
				return
			}
			change(number.Add(1), w, r, next)
		})
	}
}

// half writes the first half of the answer of a handler, and breaks the connection.
func half(w http.ResponseWriter, r *http.Request, next http.Handler) {
	whole := httptest.NewRecorder()
	next.ServeHTTP(whole, r)
	w.Header().Set("Content-Length", fmt.Sprint(whole.Body.Len()))
	_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
	panic(http.ErrAbortHandler)
}

func TestRegistriesInTrouble(t *testing.T) {
	for trouble, c := range map[string]struct {
		around func(http.Handler) http.Handler
		pulls  bool
		logs   string
	}{
		"breaks off once": {blobs(func(number int32, w http.ResponseWriter, r *http.Request, next http.Handler) {
			if number == 2 {
				half(w, r, next)
			}
			next.ServeHTTP(w, r)
		}), true, "EOF"},
		"always breaks off": {blobs(func(_ int32, w http.ResponseWriter, r *http.Request, next http.Handler) { half(w, r, next) }), false, "EOF"},
		"sends something else": {blobs(func(_ int32, w http.ResponseWriter, r *http.Request, next http.Handler) {
			whole := httptest.NewRecorder()
			next.ServeHTTP(whole, r)
			text := whole.Body.Bytes()
			text[len(text)/2] ^= 1
			_, _ = w.Write(text)
		}), false, "error verifying sha256"},
		"is slow": {blobs(func(_ int32, w http.ResponseWriter, r *http.Request, next http.Handler) {
			<-time.NewTimer(20 * time.Millisecond).C
			next.ServeHTTP(w, r)
		}), true, "✓  pull"},
		"lacks the image": {func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.URL.Path = strings.ReplaceAll(r.URL.Path, "v0.15.2", "v0.15.1")
				next.ServeHTTP(w, r)
			})
		}, false, "404"},
	} {
		t.Run(trouble, func(t *testing.T) {
			g := NewWithT(t)
			_, s, log := mirrorWith(t, c.around)
			_, ok, err := s.pullArchive(t.Context(), somePublished, somePublished)
			g.Expect(err).NotTo(HaveOccurred(), "it is built then")
			g.Expect(ok).To(Equal(c.pulls), log.String())
			g.Expect(log.String()).To(ContainSubstring(c.logs))
			left, err := filepath.Glob(filepath.Join(s.Cache, "image-pulled-speaker", "*"))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(left).To(HaveLen(map[bool]int{true: 1, false: 0}[c.pulls]))
		})
	}
}

func TestARegistryThatStallsIsLeft(t *testing.T) {
	g := NewWithT(t)
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("half"))
		w.(http.Flusher).Flush()
		<-ended
	}))
	defer server.Close()
	defer close(ended)
	client := http.Client{Transport: stallGuard{http.DefaultTransport, 50 * time.Millisecond}}
	response, err := client.Get(server.URL)
	g.Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	_, err = io.ReadAll(response.Body)
	g.Expect(err).To(MatchError("the registry sent nothing for 50ms"))
}

func TestRegistries(t *testing.T) {
	for text, want := range map[string]map[string]string{
		"":                 {"kindest/node": "index.docker.io/kindest/node", "quay.io/metallb/speaker": "quay.io/metallb/speaker"},
		"localhost:5000":   {"kindest/node": "localhost:5000/kindest/node", "quay.io/metallb/speaker": "localhost:5000/metallb/speaker"},
		"here.example/a/b": {"registry.k8s.io/e2e/x": "here.example/a/b/e2e/x"},
		"docker.io=one:5000,quay.io=two:5000/q": {
			"kindest/node": "one:5000/kindest/node", "quay.io/metallb/speaker": "two:5000/q/metallb/speaker", "registry.k8s.io/e2e/x": "registry.k8s.io/e2e/x",
		},
		"docker.io=one:5000 rest.example": {"kindest/node": "one:5000/kindest/node", "registry.k8s.io/e2e/x": "rest.example/e2e/x"},
	} {
		g := NewWithT(t)
		r, err := ParseRegistries(text)
		g.Expect(err).NotTo(HaveOccurred(), text)
		for image, from := range want {
			repository, err := name.NewRepository(image)
			g.Expect(err).NotTo(HaveOccurred())
			mirrored, err := r.repository(repository)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(mirrored.Name()).To(Equal(from), text)
		}
	}
	for _, wrong := range []string{"http://localhost:5000", "one:5000 two:5000", "=one:5000", "quay.io=a.example quay.io=b.example", "quay.io=", "UPPER CASE"} {
		_, err := ParseRegistries(wrong)
		NewWithT(t).Expect(err).To(HaveOccurred(), wrong)
	}
}

func TestWithoutModulesTheNewestPublishedPatchIsFound(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	t.Setenv("GOPROXY", "off")
	host := startRegistry(t, t.TempDir(), "", "")
	image := must(random.Image(100, 1))
	for _, version := range []string{"v1.36.3", "v1.36.4", "v1.37.2"} {
		g.Expect(remote.Write(must(name.NewTag(host+"/kindest/node:"+version)), image)).To(Succeed())
	}
	out := &bytes.Buffer{}
	s := &Source{Log: progress.New(out), Registries: must(ParseRegistries(host))}
	g.Expect(s.Resolve(t.Context(), "1.36")).To(Equal("v1.36.4"), out.String())
	g.Expect(out.String()).To(ContainSubstring("only those that are published are considered"))
	_, err := (&Source{Log: progress.New(out), Registries: must(ParseRegistries("127.0.0.1:1"))}).Resolve(t.Context(), "1.36")
	g.Expect(err).To(MatchError(ContainSubstring("module lookup disabled by GOPROXY=off")))
}

// loadingEngine keeps what it is asked, and an image that it loads.
type loadingEngine struct {
	err    error
	asked  []string
	loaded v1.Image
}

func (*loadingEngine) Command(ctx context.Context, _ ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "false")
}

func (e *loadingEngine) Run(_ context.Context, args ...string) (string, error) {
	e.asked = append(e.asked, args[0])
	if args[0] == "load" && e.err == nil {
		var err error
		path := args[len(args)-1]
		if e.loaded, err = tarball.ImageFromPath(path, nil); err == nil {
			_, err = e.loaded.ConfigFile()
		}
		return "", err
	}
	return "", e.err
}

func TestANodeImageIsLoadedIntoTheEngine(t *testing.T) {
	g := NewWithT(t)
	handler := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(handler)
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	image := must(random.Image(1000, 1))
	g.Expect(remote.Write(must(name.NewTag(host+"/kindest/node:v1.36.4")), image)).To(Succeed())
	out := &bytes.Buffer{}
	engine := &loadingEngine{}
	s := &Source{Cache: t.TempDir(), Engine: engine, Log: progress.New(out), Registries: must(ParseRegistries("docker.io=" + host))}

	got, ok, err := s.pullNode(t.Context(), "v1.36.4")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ok).To(BeTrue(), out.String())
	g.Expect(got).To(Equal(Image{Ref: publishedName + ":v1.36.4", Version: "v1.36.4", From: host + "/kindest/node@" + must(image.Digest()).String(), Origin: Published}))
	g.Expect(engine.asked).To(Equal([]string{"load"}))
	g.Expect(filepath.Glob(filepath.Join(s.Cache, tmpPrefix+"*"))).To(BeEmpty(), "the archive is removed")

	_, ok, err = s.pullNode(t.Context(), "v1.35.0")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ok).To(BeFalse())
	engine.err = errors.New("no space left on device")
	_, ok, err = s.pullNode(t.Context(), "v1.36.4")
	g.Expect(err).NotTo(HaveOccurred(), "it is built then")
	g.Expect(ok).To(BeFalse())
	g.Expect(out.String()).To(ContainSubstring("no space left on device"))
}

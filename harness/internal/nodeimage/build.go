package nodeimage

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// build is the state of one build of a node image: its plan, and the parts that exist so far.
type build struct {
	version string
	recipe  recipe
	inputs  string // a hash of everything that the image is built from
	ref     string
	refs    refs

	goVersion string
	routes    any // podroutes' inputs
	kindFiles string
	sandbox   string   // the pause image in containerd's configuration
	required  []string // the images that kubeadm requires

	root, base string // layers of Debian
	built      map[string]goProgram
	programs   map[string]string // executables by name
	pause      string
	podroutes  string
}

// Build builds the node image of a version and loads it into the container engine, even if the engine already has one. It
// reuses cached outputs, so it resumes an interrupted build.
func (s *Source) Build(ctx context.Context, version string) (Image, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return Image{}, err
	}
	defer unlock()

	b, err := s.plan(ctx, version)
	if err != nil {
		return Image{}, err
	}
	if err := thisBuilder().missing(s.needed(b)); err != nil {
		return Image{}, fmt.Errorf("build a node image of Kubernetes %s: %w", version, err)
	}
	if err := s.boundGoCache(maxGoCache); err != nil {
		return Image{}, err
	}
	s.warnLowDisk(ctx)
	defer s.estimate("the node image", s.steps(b))()
	if err := s.parts(ctx, b); err != nil {
		return Image{}, fmt.Errorf("build a node image of Kubernetes %s: %w", version, err)
	}
	images, err := s.images(b)
	if err != nil {
		return Image{}, err
	}
	store, err := s.store(ctx, b, images)
	if err != nil {
		return Image{}, err
	}
	files, err := s.nodeLayer(ctx, b)
	if err != nil {
		return Image{}, err
	}
	if s.architecture() != runtime.GOARCH {
		if err := s.checkMachine(b, b.root, b.base, files); err != nil {
			return Image{}, err
		}
	}
	if err := s.load(ctx, b, b.root, files, store); err != nil {
		return Image{}, err
	}
	_, ok, err := s.inspect(ctx, b.ref)
	if err == nil && !ok {
		err = fmt.Errorf("%s was loaded, but the container engine does not have it", b.ref)
	}
	return Image{Ref: b.ref, Version: version, Origin: "built"}, err
}

// plan determines what an image of the version is built from. It builds nothing.
func (s *Source) plan(ctx context.Context, version string) (*build, error) {
	b := &build{version: version, recipe: recipeFor(version), ref: nodeName + ":" + version + s.foreign(),
		programs: map[string]string{}, built: map[string]goProgram{}}
	var err error
	if b.kindFiles, err = s.kindFiles(ctx); err != nil {
		return nil, err
	}
	if b.sandbox, err = sandbox(b.kindFiles); err != nil {
		return nil, err
	}
	if b.goVersion, err = s.goVersion(ctx); err != nil {
		return nil, err
	}
	if b.routes, err = s.podroutesInputs(ctx, b.goVersion); err != nil {
		return nil, err
	}
	b.inputs = hash([]any{layout, kubernetes(version, b.recipe), b.recipe, runtimePrograms(), nodeDebian(), baseDebian(), b.kind(), b.routes})
	b.refs = refsFor(b.inputs)
	return b, nil
}

// parts builds the parts of the image. Debian's packages are downloaded while the compiler runs.
func (s *Source) parts(ctx context.Context, b *build) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		if b.root, err = s.rootfs(ctx, nodeDebian()); err != nil {
			return err
		}
		b.base, err = s.rootfs(ctx, baseDebian())
		return err
	})
	g.Go(func() (err error) {
		if b.pause, err = s.pause(ctx, b.version); err != nil {
			return err
		}
		if err := s.compile(ctx, b, slices.Concat(kubernetes(b.version, b.recipe), runtimePrograms())); err != nil {
			return err
		}
		if b.podroutes, err = s.podroutes(ctx, b.routes); err != nil {
			return err
		}
		kubeadm, err := s.runnable(ctx, b, "kubeadm")
		if err != nil {
			return err
		}
		if b.required, err = s.required(ctx, kubeadm, b.version); err != nil {
			return err
		}
		for _, ref := range b.required {
			p, ok, err := s.addonProgram(ctx, ref, b.recipe)
			if err != nil {
				return err
			}
			if ok {
				if err := s.compile(ctx, b, []goProgram{p}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return g.Wait()
}

// compile builds the programs of one module after those of another, because each go build uses all processors.
func (s *Source) compile(ctx context.Context, b *build, programs []goProgram) error {
	for _, group := range together(programs) {
		dir, err := s.goBuild(ctx, group)
		if err != nil {
			return err
		}
		for _, p := range group {
			b.programs[p.Name], b.built[p.Name] = filepath.Join(dir, p.Name), p
		}
	}
	return nil
}

// runnable returns a program of the image that this machine can run: another build of it if the image is for another architecture.
func (s *Source) runnable(ctx context.Context, b *build, name string) (string, error) {
	if s.architecture() == runtime.GOARCH {
		return b.programs[name], nil
	}
	here := *s
	here.Architecture = runtime.GOARCH
	return here.goBuildProgram(ctx, b.built[name])
}

// foreign returns what distinguishes the tag of an image that the engine's machine cannot run.
func (s *Source) foreign() string {
	if s.architecture() == s.machine() {
		return ""
	}
	return "-" + s.architecture()
}

// images writes one archive of all images in a node's store.
func (s *Source) images(b *build) (string, error) {
	images, err := b.preloaded()
	if err != nil {
		return "", err
	}
	inputs := []any{b.inputs, b.required, b.programInputs(), filepath.Base(b.base)}
	return s.cached(step{"images", inputs}, "assemble the images that run in the cluster", func(out string) error {
		return s.writeImages(filepath.Dir(out), out, images)
	})
}

// programInputs returns the names of the programs' outputs, which are hashes of everything that they were built from.
func (b *build) programInputs() []string {
	inputs := []string{"cc-pause/" + filepath.Base(b.pause), "go-podroutes/" + filepath.Base(b.podroutes)}
	for _, path := range b.programs {
		inputs = append(inputs, outputOf(path))
	}
	slices.Sort(inputs)
	return slices.Compact(inputs)
}

// kind returns the version of the kind module that provides the node's files.
func (b *build) kind() string {
	module := filepath.Dir(filepath.Dir(filepath.Dir(b.kindFiles))) // …/kind@v0.33.0/images/base/files
	_, version, _ := strings.Cut(filepath.Base(module), "@")
	return version
}

// origin describes the content of a component's image.
func (b *build) origin(component, tag string) string {
	if p, ok := b.built[component]; ok {
		return p.Module + " " + p.Version
	}
	return kubernetesModule + " " + b.version + " (" + component + " " + tag + ")"
}

// builtFrom returns all parts of the image and their versions as JSON.
func (b *build) builtFrom() string {
	parts := map[string]any{
		"kind":   kindModule + " " + b.kind(),
		"debian": map[string]any{"suite": suite, "node": nodeDebian().Packages, "base": baseDebian().Packages},
		"pause":  b.origin("pause", ""),
	}
	for name, p := range b.built {
		parts[name] = p.Module + " " + p.Version
	}
	data, err := json.Marshal(parts)
	if err != nil {
		panic(err) // strings only
	}
	return string(data)
}

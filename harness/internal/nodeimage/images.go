package nodeimage

import (
	"compress/gzip"
	"context"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"golang.org/x/mod/semver"
)

// searchPath contains the folders of the programs in our images. Kubeadm runs some of them by their names alone.
const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// containerImage is an image that runs in the cluster.
type containerImage struct {
	Refs       []string
	Base       string // the layer below Files; "" for none
	Files      []file
	Entrypoint []string
	Cmd        []string
	Labels     map[string]string
}

// required lists the images that kubeadm requires, such as registry/etcd:3.7.0-0.
func (s *Source) required(ctx context.Context, kubeadm, version string) ([]string, error) {
	out, err := command{Args: []string{kubeadm, "config", "images", "list", "--kubernetes-version", version}}.run(ctx)
	return strings.Fields(out), err
}

var imageVersion = regexp.MustCompile(`\d+\.\d+\.\d+`)

// addonProgram returns the program of an image such as registry/etcd:3.7.0-0, whose version the Kubernetes release determines.
// If that version is not available as a module, it uses the next higher patch, which the image's labels then name. It returns
// false for images of other programs.
func (s *Source) addonProgram(ctx context.Context, ref string, r recipe) (goProgram, bool, error) {
	repo, tag, _ := strings.Cut(path.Base(ref), ":")
	want := "v" + imageVersion.FindString(tag)
	p, ok := addon(repo, want, r)
	if !ok {
		return p, false, nil
	}
	if _, err := s.download(ctx, p.Module, want); err == nil {
		return p, true, nil
	}
	list, err := s.goTool(ctx, "", "list", "-mod=readonly", "-m", "-versions", p.Module) // a vendor folder knows no versions
	if err != nil {
		return p, true, err
	}
	if p.Version = nearest(want, strings.Fields(list)); p.Version == "" {
		return p, true, fmt.Errorf("%s needs %s %s or a later patch of %s, and none is available as a module", ref, p.Module, want, semver.MajorMinor(want))
	}
	return p, true, nil
}

// preloaded returns the images in every node's store.
func (b *build) preloaded() ([]containerImage, error) {
	var all []containerImage
	for _, ref := range b.required {
		repo, tag, _ := strings.Cut(path.Base(ref), ":")
		image := containerImage{Refs: []string{ref}}
		switch bin := b.programs[repo]; {
		case repo == "pause":
			image.Refs = append(image.Refs, b.sandbox)
			image.Files, image.Entrypoint = []file{program("", "pause", b.pause)}, []string{"/pause"}
		case bin == "":
			return nil, fmt.Errorf("kubeadm requires the image %s, which cannot be built here", ref)
		case repo == "coredns":
			image.Files, image.Entrypoint = []file{program("", "coredns", bin)}, []string{"/coredns"}
		case repo == "kube-proxy":
			image.Base = b.base
			image.Files = append(iptablesChooser(), program("usr/local/bin", repo, bin))
		default:
			image.Files = []file{program("usr/local/bin", repo, bin)}
		}
		image.Labels = map[string]string{labelBuiltFrom: b.origin(repo, tag)}
		all = append(all, image)
	}
	return append(all,
		containerImage{Refs: []string{b.refs.Podroutes}, Base: b.base, Entrypoint: []string{"/usr/local/bin/podroutes"},
			Files: []file{program("usr/local/bin", "podroutes", b.podroutes)}},
		containerImage{Refs: []string{b.refs.Provisioner}, Entrypoint: []string{"/usr/local/bin/local-path-provisioner"},
			Files: []file{program("usr/local/bin", "local-path-provisioner", b.programs["local-path-provisioner"])}},
		containerImage{Refs: []string{b.refs.Helper}, Base: b.base, Cmd: []string{"/bin/sh"}},
	), nil
}

// iptablesChooser returns a script that precedes each iptables command in the search path: kube-proxy must use the back end
// that holds the node's own rules.
func iptablesChooser() []file {
	var files []file
	for _, name := range []string{"iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore"} {
		files = append(files, file{Path: "usr/local/sbin/" + name, Mode: 0o755, Data: embeddedFile("iptables-chooser.sh")})
	}
	return files
}

// writeImages writes images as one archive for `ctr images import` and `load`. It writes temporary layers to dir.
func (s *Source) writeImages(dir, out string, images []containerImage) error {
	byTag := map[name.Tag]v1.Image{}
	for i, image := range images {
		assembled, err := image.assemble(filepath.Join(dir, fmt.Sprintf("layer-%d", i)), s.platform())
		if err != nil {
			return fmt.Errorf("image %s: %w", image.Refs[0], err)
		}
		for _, ref := range image.Refs {
			tag, err := name.NewTag(ref)
			if err != nil {
				return err
			}
			byTag[tag] = assembled
		}
	}
	return tarball.MultiWriteToFile(out, byTag)
}

func (c containerImage) assemble(layer, platform string) (v1.Image, error) {
	var layers []string
	if c.Base != "" {
		layers = append(layers, c.Base)
	}
	if len(c.Files) > 0 {
		if err := writeLayer(layer, gzip.BestSpeed, c.Files); err != nil {
			return nil, err
		}
		layers = append(layers, layer)
	}
	return assemble(layers, platform, v1.Config{Entrypoint: c.Entrypoint, Cmd: c.Cmd, Env: []string{searchPath}, Labels: c.Labels})
}

// assemble builds an image of a platform from compressed layers.
func assemble(layers []string, platform string, config v1.Config) (v1.Image, error) {
	image := empty.Image
	for _, path := range layers {
		layer, err := tarball.LayerFromFile(path)
		if err != nil {
			return nil, fmt.Errorf("layer %s: %w", path, err)
		}
		if image, err = mutate.AppendLayers(image, layer); err != nil {
			return nil, err
		}
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.Config = config
	file.OS, file.Architecture, _ = strings.Cut(platform, "/")
	return mutate.ConfigFile(image, file)
}

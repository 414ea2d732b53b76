package nodeimage

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// The load balancer plugin is MetalLB in layer 2 mode: all it needs is a network between the nodes.
const (
	metallbModule  = "go.universe.tf/metallb"
	metallbVersion = "v0.15.2"
	// metallbPublished begins the names of the images that the project's own manifests ask for.
	metallbPublished = "quay.io/metallb/"
)

// Plugin is what is added to a cluster that runs: images, and the manifests that ask for them.
type Plugin struct {
	Images    []Archive
	Manifests []byte // YAML documents
}

// metallb are the plugin's programs; each is the whole of an image of that name.
func metallb() []goProgram {
	plain := []string{"-s", "-w"}
	return []goProgram{
		{"controller", metallbModule, metallbVersion, "controller", "", plain},
		{"speaker", metallbModule, metallbVersion, "speaker", "", plain},
	}
}

// LoadBalancer makes the load balancer plugin: MetalLB's own manifests, with images that are built here.
func (s *Source) LoadBalancer(ctx context.Context) (Plugin, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return Plugin{}, err
	}
	defer unlock()
	var plugin Plugin
	for _, p := range metallb() {
		image, err := s.programImage(ctx, "metallb-", p)
		if err != nil {
			return Plugin{}, err
		}
		plugin.Images = append(plugin.Images, image)
	}
	m, err := s.download(ctx, metallbModule, metallbVersion)
	if err != nil {
		return Plugin{}, err
	}
	manifests, err := os.ReadFile(filepath.Join(m.Dir, "config", "manifests", "metallb-native.yaml"))
	if err != nil {
		return Plugin{}, fmt.Errorf("read the manifests of %s: %w", metallbModule, err)
	}
	plugin.Manifests, err = withOurImages(manifests, plugin.Images)
	return plugin, err
}

// programImage makes the archive of an image that holds one program and nothing else.
func (s *Source) programImage(ctx context.Context, prefix string, p goProgram) (Archive, error) {
	program_, err := s.goBuild(ctx, p)
	if err != nil {
		return Archive{}, err
	}
	name := prefix + p.Name
	ref := repository + name + ":" + p.Version
	inputs := []any{filepath.Base(program_), ref, layout}
	path, err := s.cached("image-"+name, "assemble "+ref, inputs, func(out string) error {
		return writeImages(filepath.Dir(out), out, []containerImage{{
			Refs: []string{ref}, Files: []file{program("", p.Name, program_)}, Entrypoint: []string{"/" + p.Name},
			Labels: map[string]string{labelBuiltFrom: p.Module + " " + p.Version},
		}})
	})
	return Archive{Ref: ref, Path: path}, err
}

// withOurImages puts our images in the place of MetalLB's published ones. It is an error when a manifest asks for none
// of them, or for one that we have not got.
func withOurImages(manifests []byte, images []Archive) ([]byte, error) {
	for _, image := range images {
		published := []byte(metallbPublished + filepath.Base(image.Ref)[len("metallb-"):])
		if !bytes.Contains(manifests, published) {
			return nil, fmt.Errorf("the manifests of %s do not ask for %s", metallbModule, published)
		}
		manifests = bytes.ReplaceAll(manifests, published, []byte(image.Ref))
	}
	if i := bytes.Index(manifests, []byte(metallbPublished)); i >= 0 {
		line, _, _ := bytes.Cut(manifests[i:], []byte("\n"))
		return nil, fmt.Errorf("the manifests of %s ask for %s, which is not built here", metallbModule, line)
	}
	return manifests, nil
}

package nodeimage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The load balancer plugin is MetalLB in layer 2 mode: all it needs is a network that the nodes share.
const (
	metallbModule  = "go.universe.tf/metallb"
	metallbVersion = "v0.15.2"
	// metallbPublished begins the names of the images that the project publishes.
	metallbPublished = "quay.io/metallb/"
)

// Plugin is what is added to a cluster that runs: images, and the manifests that ask for them.
type Plugin struct {
	Images    []Archive
	Manifests string // YAML documents
}

// metallb are the plugin's programs. Each is alone in an image of its name.
func metallb() []goProgram {
	plain := []string{"-s", "-w"}
	return []goProgram{
		{"metallb-controller", metallbModule, metallbVersion, "controller", "", plain},
		{"metallb-speaker", metallbModule, metallbVersion, "speaker", "", plain},
	}
}

// metallbManifests are the plugin's own, of its module.
func (s *Source) metallbManifests(ctx context.Context) (string, error) {
	what := "take the manifests of " + metallbModule + " " + metallbVersion
	return s.cached("manifests-metallb", what, []any{metallbModule, metallbVersion}, func(out string) error {
		m, err := s.download(ctx, metallbModule, metallbVersion)
		if err != nil {
			return err
		}
		manifests, err := os.ReadFile(filepath.Join(m.Dir, "config", "manifests", "metallb-native.yaml"))
		if err != nil {
			return err
		}
		return os.WriteFile(out, manifests, 0o644)
	})
}

// LoadBalancer makes the load balancer plugin: the project's own manifests, and the images that they ask for, built here.
func (s *Source) LoadBalancer(ctx context.Context) (Plugin, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return Plugin{}, err
	}
	defer unlock()
	path, err := s.metallbManifests(ctx)
	if err != nil {
		return Plugin{}, err
	}
	manifests, err := os.ReadFile(path)
	if err != nil {
		return Plugin{}, fmt.Errorf("read the manifests of %s: %w", metallbModule, err)
	}
	plugin := Plugin{Manifests: string(manifests)}
	for _, p := range metallb() {
		image, err := s.programImage(ctx, p)
		if err != nil {
			return Plugin{}, err
		}
		plugin.Images = append(plugin.Images, image)
		if plugin.Manifests, err = replaceImage(plugin.Manifests, metallbPublished+p.Package+":"+p.Version, image.Ref); err != nil {
			return Plugin{}, err
		}
	}
	return plugin, nil
}

// programImage makes the archive of an image that holds one program and nothing else.
func (s *Source) programImage(ctx context.Context, p goProgram) (Archive, error) {
	built, err := s.goBuild(ctx, p)
	if err != nil {
		return Archive{}, err
	}
	ref := repository + p.Name + ":" + p.Version
	path, err := s.cached("image-"+p.Name, "assemble "+ref, []any{filepath.Base(built), ref, layout}, func(out string) error {
		return writeImages(filepath.Dir(out), out, []containerImage{{
			Refs: []string{ref}, Files: []file{program("", p.Name, built)}, Entrypoint: []string{"/" + p.Name},
			Labels: map[string]string{labelBuiltFrom: p.Module + " " + p.Version},
		}})
	})
	return Archive{Ref: ref, Path: path}, err
}

// replaceImage puts an image in the place of one that manifests ask for. It is an error when they do not.
func replaceImage(manifests, published, ours string) (string, error) {
	from := "image: " + published + "\n"
	if !strings.Contains(manifests, from) {
		return "", fmt.Errorf("the manifests of %s do not ask for %s", metallbModule, published)
	}
	return strings.ReplaceAll(manifests, from, "image: "+ours+"\n"), nil
}

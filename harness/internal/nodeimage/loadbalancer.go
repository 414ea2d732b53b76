package nodeimage

import (
	"context"
	_ "embed" // the plugin's manifests
	"fmt"
	"path/filepath"
	"strings"
)

// The load balancer plugin is MetalLB in layer 2 mode, which only needs a network that the nodes share.
const (
	metallbModule  = "go.universe.tf/metallb"
	metallbVersion = "v0.15.2"
	// metallbPublished is the prefix of the names of the project's published images.
	metallbPublished = "quay.io/metallb/"
)

// Plugin is an extension for a running cluster: images, and manifests that use them.
type Plugin struct {
	Images    []Archive
	Manifests string // YAML documents
}

// metallb returns the plugin's programs. Each has an image of its own.
func metallb() []goProgram {
	plain := []string{"-s", "-w"}
	return []goProgram{
		{"metallb-controller", metallbModule, metallbVersion, "controller", "", plain, ""},
		{"metallb-speaker", metallbModule, metallbVersion, "speaker", "", plain, ""},
	}
}

// publishedPlugin returns the name under which the project publishes the image of a program.
func publishedPlugin(p goProgram) string { return metallbPublished + p.Package + ":" + p.Version }

// metallbManifests are those of the plugin's module, config/manifests/metallb-native.yaml, under the Apache License 2.0. They are
// embedded so that a registry is all that the plugin needs; scripts/verify-metallb.sh compares them with the module's.
//
//go:embed metallb/native.yaml
var metallbManifests string

// LoadBalancer returns the load balancer plugin: the project's own manifests, and its images, pulled or built here.
func (s *Source) LoadBalancer(ctx context.Context) (plugin Plugin, err error) {
	err = s.whenMissing(ctx, func(s *Source) error {
		plugin, err = s.metallbPlugin(ctx)
		return err
	})
	return plugin, err
}

func (s *Source) metallbPlugin(ctx context.Context) (Plugin, error) {
	goVersion, err := s.goVersion(ctx)
	if err != nil {
		return Plugin{}, err
	}
	var steps []step
	for _, p := range metallb() {
		steps = append(steps, s.programStep([]goProgram{p}, goVersion), step{"image-" + p.Name, nil})
	}
	defer s.estimate("the load balancer plugin", steps)()
	plugin := Plugin{Manifests: metallbManifests}
	for _, p := range metallb() {
		published := publishedPlugin(p)
		image, ok, err := s.pullArchive(ctx, published, published)
		if !ok && err == nil {
			image, err = s.programImage(ctx, p)
		}
		if err != nil {
			return Plugin{}, err
		}
		plugin.Images = append(plugin.Images, image)
		if plugin.Manifests, err = replaceImage(plugin.Manifests, published, image.Ref); err != nil {
			return Plugin{}, err
		}
	}
	return plugin, nil
}

// programImage writes the archive of an image that contains only one program.
func (s *Source) programImage(ctx context.Context, p goProgram) (Archive, error) {
	built, err := s.goBuildProgram(ctx, p)
	if err != nil {
		return Archive{}, err
	}
	ref := Repository + p.Name + ":" + p.Version
	inputs := []any{outputOf(built), ref, layout}
	path, err := s.cached(step{"image-" + p.Name, inputs}, "assemble "+ref, func(out string) error {
		return s.writeImages(filepath.Dir(out), out, []containerImage{{
			Refs: []string{ref}, Files: []file{program("", p.Name, built)}, Entrypoint: []string{"/" + p.Name},
			Labels: map[string]string{labelBuiltFrom: p.Module + " " + p.Version},
		}})
	})
	return Archive{Ref: ref, Path: path}, err
}

// replaceImage replaces a published image in manifests by ours. It returns an error if they do not use the published image.
func replaceImage(manifests, published, ours string) (string, error) {
	from := "image: " + published + "\n"
	if !strings.Contains(manifests, from) {
		return "", fmt.Errorf("the manifests of %s do not use the image %s", metallbModule, published)
	}
	return strings.ReplaceAll(manifests, from, "image: "+ours+"\n"), nil
}

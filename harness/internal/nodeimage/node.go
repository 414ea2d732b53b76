package nodeimage

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

const kindModule = "sigs.k8s.io/kind"

// refs are the names of the images in our manifests.
type refs struct{ Podroutes, Provisioner, Helper string }

func refsFor(inputs string) refs {
	return refs{
		Podroutes:   Repository + "podroutes:" + inputs,
		Provisioner: Repository + "local-path-provisioner:" + provisioner().Version,
		Helper:      Repository + "base:" + inputs,
	}
}

// kindFiles returns the folder, in kind's module, of the files of kind's base image.
func (s *Source) kindFiles(ctx context.Context) (string, error) {
	dir, err := s.moduleDir(ctx, kindModule)
	return filepath.Join(dir, "images", "base", "files"), err
}

var sandboxImage = regexp.MustCompile(`sandbox_image = "([^"]+)"`)

// sandbox returns the name of the pause image in kind's containerd configuration.
func sandbox(kindFiles string) (string, error) {
	config, err := os.ReadFile(filepath.Join(kindFiles, "etc", "containerd", "config.toml"))
	if err != nil {
		return "", err
	}
	m := sandboxImage.FindSubmatch(config)
	if m == nil {
		return "", fmt.Errorf("kind's containerd configuration has no sandbox_image")
	}
	return string(m[1]), nil
}

// nodeLayer writes the layer on top of Debian: the result of kind's images/base/Dockerfile, the programs, the Pod network and
// the storage.
func (s *Source) nodeLayer(ctx context.Context, b *build) (layer string, err error) {
	inputs := []any{b.inputs, b.programInputs()}
	return s.cached(step{"node-files", inputs}, "lay out the node's files", func(out string) error {
		files, err := filesBelow(b.kindFiles, "", kindMode)
		if err != nil {
			return err
		}
		ctr, err := s.runnable(ctx, b, "ctr")
		if err != nil {
			return err
		}
		spec, err := s.runtimeSpec(ctx, ctr)
		if err != nil {
			return err
		}
		config, err := containerdConfig(b.kindFiles, b.recipe)
		if err != nil {
			return err
		}
		files = replace(files, file{Path: "etc/containerd/config.toml", Data: config})
		files = append(files, services()...)
		files = append(files, b.nodePrograms()...)
		files = append(files,
			file{Path: "etc/containerd/cri-base.json", Data: spec},
			file{Path: "etc/kubernetes/manifests", Dir: true},
			file{Path: "kind/version", Data: b.version},
			file{Path: "kind/manifests/default-cni.yaml", Data: render("default-cni.yaml", b.refs)},
			file{Path: "kind/manifests/default-storage.yaml", Data: render("default-storage.yaml", b.refs)},
		)
		return writeLayer(out, gzip.BestSpeed, files)
	})
}

// kindMode returns the mode that kind's Dockerfile sets for a file.
func kindMode(to string) int64 {
	if dir := path.Dir(to); dir == "usr/local/bin" || dir == "kind/bin" {
		return 0o755
	}
	return 0o644
}

// services enables and masks the units that kind's Dockerfile enables and masks with systemctl.
func services() []file {
	files := []file{
		{Path: "usr/sbin/init", Link: "/usr/lib/systemd/systemd"},
		{Path: "etc/systemd/system/systemd-binfmt.service", Link: "/dev/null"},
		{Path: "etc/systemd/journald.conf.d/no-kernel-messages.conf", Data: "[Journal]\nReadKMsg=no\n"},
	}
	for _, unit := range []string{"kubelet.service", "containerd.service", "undo-mount-hacks.service"} {
		files = append(files, file{Path: "etc/systemd/system/multi-user.target.wants/" + unit, Link: "/etc/systemd/system/" + unit})
	}
	return files
}

// nodePrograms returns the executables of a node itself, at the paths where kind and containerd expect them.
func (b *build) nodePrograms() []file {
	var files []file
	for dir, names := range map[string][]string{
		"usr/bin":       {"kubeadm", "kubelet", "kubectl"},
		"usr/local/bin": {"containerd", "ctr", "containerd-shim-runc-v2"},
		"opt/cni/bin":   {"host-local", "loopback", "ptp", "portmap"},
	} {
		for _, name := range names {
			files = append(files, program(dir, name, b.programs[name]))
		}
	}
	return files
}

// runtimeSpec returns the output of `ctr oci spec` as kind modifies it with jq: without resource limits, with a hook of kind's.
func (s *Source) runtimeSpec(ctx context.Context, ctr string) (string, error) {
	out, err := command{Args: []string{ctr, "oci", "spec"}}.run(ctx)
	if err != nil {
		return "", err
	}
	return kindSpec([]byte(out))
}

func kindSpec(spec []byte) (string, error) {
	var all map[string]any
	if err := json.Unmarshal(spec, &all); err != nil {
		return "", err
	}
	if process, ok := all["process"].(map[string]any); ok {
		delete(process, "rlimits")
	}
	hooks, _ := all["hooks"].(map[string]any)
	if hooks == nil {
		hooks = map[string]any{}
	}
	existing, _ := hooks["createContainer"].([]any)
	hooks["createContainer"] = append(existing, map[string]any{"path": "/kind/bin/mount-product-files.sh"})
	all["hooks"] = hooks
	data, err := json.MarshalIndent(all, "", "  ")
	return string(data), err
}

// containerdConfig returns kind's containerd configuration with the cgroup driver of the version.
func containerdConfig(kindFiles string, r recipe) (string, error) {
	config, err := os.ReadFile(filepath.Join(kindFiles, "etc", "containerd", "config.toml"))
	if err != nil {
		return "", err
	}
	text := string(config)
	if r.CgroupDriver == "cgroupfs" {
		text = strings.ReplaceAll(text, "SystemdCgroup = true", "SystemdCgroup = false")
	}
	return text, nil
}

func render(name string, values any) string {
	var out strings.Builder
	if err := template.Must(template.New(name).Parse(embeddedFile(name))).Execute(&out, values); err != nil {
		panic(err) // the template is embedded and its values are our own
	}
	return out.String()
}

func replace(files []file, by file) []file {
	for i, f := range files {
		if f.Path == by.Path {
			files[i] = by
		}
	}
	return files
}

// load assembles the node image from its layers and loads it into the container engine. The tag never refers to an incomplete
// image: the engine sets it once it has all layers.
func (s *Source) load(ctx context.Context, b *build, layers ...string) (err error) {
	end := s.begin(loading, "assemble and load "+b.ref)
	defer func() { err = end(err) }()
	image, err := assemble(layers, s.platform(), v1.Config{
		Env:        []string{"container=docker", searchPath},
		Entrypoint: []string{"/usr/local/bin/entrypoint", "/sbin/init"},
		StopSignal: "SIGRTMIN+3",
		Labels: map[string]string{
			labelKubernetes: b.version,
			LabelInputs:     b.inputs,
			labelBuiltFrom:  b.builtFrom(),
		},
	})
	if err != nil {
		return err
	}
	tag, err := name.NewTag(b.ref)
	if err != nil {
		return err
	}
	archive, err := os.CreateTemp(s.Cache, tmpPrefix+"node-")
	if err != nil {
		return err
	}
	defer os.Remove(archive.Name())
	if err := archive.Close(); err != nil {
		return err
	}
	if err := tarball.WriteToFile(archive.Name(), tag, image); err != nil {
		return fmt.Errorf("write the image's archive: %w", err)
	}
	_, err = s.Engine.Run(ctx, "load", "-i", archive.Name())
	return err
}

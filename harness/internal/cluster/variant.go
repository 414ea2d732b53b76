package cluster

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v3"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
)

// Variant is a cluster that differs from the one that noteproof creates by itself. The zero value does not differ.
type Variant struct {
	Name   string // such as "nftables"; empty for the zero value
	config *v1alpha4.Cluster
	// manifests are applied to the new cluster before it is waited for, such as those of a CNI.
	manifests []byte
	hash      string // of the text
}

// variantName is what the name of a variant looks like.
var variantName = regexp.MustCompile("^" + nodeimage.VariantPattern + "$")

// ReadVariant reads a variant from a file, whose name is that of the variant. See ParseVariant.
func ReadVariant(path string) (Variant, error) {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if !variantName.MatchString(name) {
		return Variant{}, fmt.Errorf("the file %s of a variant: its name is that of the variant, so it has up to 20 lower-case letters, digits and dashes, as in nftables.yaml", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Variant{}, fmt.Errorf("read the variant of the cluster: %w", err)
	}
	v, err := ParseVariant(name, text)
	if err != nil {
		return v, fmt.Errorf("the variant %s of the cluster: %w", path, err)
	}
	return v, nil
}

// ParseVariant parses a variant: a Cluster of kind.x-k8s.io/v1alpha4, as in the file of `kind create cluster --config`, which is laid
// over noteproof's own configuration, and optionally, as further YAML documents, manifests to apply to the new cluster. Its nodes
// replace noteproof's; its patches follow noteproof's. The error says what noteproof does not support.
func ParseVariant(name string, text []byte) (Variant, error) {
	v := Variant{Name: name, config: &v1alpha4.Cluster{}, hash: fmt.Sprintf("%x", sha256.Sum256(text))[:16]}
	documents := yaml.NewDecoder(bytes.NewReader(text))
	documents.KnownFields(true) // as kind reads it
	if err := documents.Decode(v.config); err != nil {
		if wrong := (*yaml.TypeError)(nil); errors.As(err, &wrong) {
			err = errors.New(strings.Join(wrong.Errors, "; ")) // on one line
		}
		return v, fmt.Errorf("it is not a Cluster of kind.x-k8s.io/v1alpha4: %w", err)
	}
	if v.config.Kind != "Cluster" || v.config.APIVersion != "kind.x-k8s.io/v1alpha4" {
		return v, fmt.Errorf("its first document is a %q of %q: want a Cluster of kind.x-k8s.io/v1alpha4", v.config.Kind, v.config.APIVersion)
	}
	if err := v.check(); err != nil {
		return v, err
	}
	documents.KnownFields(false)
	for {
		var object map[string]any
		err := documents.Decode(&object)
		if errors.Is(err, io.EOF) {
			return v, nil
		}
		if err != nil {
			return v, fmt.Errorf("read its manifests: %w", err)
		}
		document, err := yaml.Marshal(object)
		if err != nil {
			return v, fmt.Errorf("read its manifests: %w", err)
		}
		v.manifests = append(append(v.manifests, "---\n"...), document...)
	}
}

// check returns errors for what a Cluster may say but would not get.
func (v Variant) check() error {
	var errs []error
	controlPlanes := 0
	for i, node := range v.config.Nodes {
		if node.Role != v1alpha4.WorkerRole { // empty means a control plane
			controlPlanes++
		}
		if node.Image != "" {
			errs = append(errs, fmt.Errorf("nodes[%d].image: the node image follows from the Kubernetes version", i))
		}
	}
	if v.config.Nodes != nil && controlPlanes != 1 {
		errs = append(errs, fmt.Errorf("it has %d control planes: want exactly one, because kind balances several with an image that nodes have no part in", controlPlanes))
	}
	if v.config.Name != "" {
		errs = append(errs, fmt.Errorf("name: the cluster's name follows from the Kubernetes version and the name of the variant; remove %q", v.config.Name))
	}
	return errors.Join(errs...)
}

// workers returns the number of workers, given the number without a variant.
func (v Variant) workers(ours int) int {
	if v.config == nil || v.config.Nodes == nil {
		return ours
	}
	return len(v.config.Nodes) - 1
}

// over lays the variant over noteproof's configuration.
func (v Variant) over(ours *v1alpha4.Cluster) {
	if v.config == nil {
		return
	}
	theirs := v.config
	if theirs.Nodes != nil {
		image := ours.Nodes[0].Image
		ours.Nodes = slices.Clone(theirs.Nodes)
		for i := range ours.Nodes {
			ours.Nodes[i].Image = image
		}
	}
	ours.Networking, ours.FeatureGates, ours.RuntimeConfig = theirs.Networking, theirs.FeatureGates, theirs.RuntimeConfig
	if theirs.Networking.IPFamily == v1alpha4.IPv6Family && theirs.Networking.APIServerAddress == "" {
		// The default is ::1, to whose ports neither podman nor Docker Desktop forward. The API server listens on IPv4, too.
		ours.Networking.APIServerAddress = "127.0.0.1"
	}
	ours.KubeadmConfigPatches = append(ours.KubeadmConfigPatches, theirs.KubeadmConfigPatches...)
	ours.KubeadmConfigPatchesJSON6902 = append(ours.KubeadmConfigPatchesJSON6902, theirs.KubeadmConfigPatchesJSON6902...)
	ours.ContainerdConfigPatches = append(ours.ContainerdConfigPatches, theirs.ContainerdConfigPatches...)
	ours.ContainerdConfigPatchesJSON6902 = append(ours.ContainerdConfigPatchesJSON6902, theirs.ContainerdConfigPatchesJSON6902...)
}

func withLabel(labels map[string]string, name, value string) map[string]string {
	all := map[string]string{name: value}
	for n, v := range labels {
		all[n] = v
	}
	return all
}

// checkKernel returns an error if the kernel lacks what the variant needs, because kube-proxy would fail again and again.
func (c *Cluster) checkKernel(ctx context.Context) error {
	if c.spec.Variant.config == nil || c.spec.Variant.config.Networking.KubeProxyMode != v1alpha4.IPVSProxyMode {
		return nil
	}
	_, err := c.eng.Run(ctx, "exec", c.spec.Name+"-"+roleControlPlane, "sh", "-c", "test -e /proc/net/ip_vs || modprobe ip_vs")
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("the variant %s needs IPVS, and the kernel %s of the nodes' machine does not have it: load it there with `sudo modprobe ip_vs`, "+
		"or use a machine whose kernel has the module: %w", c.spec.Variant.Name, c.eng.Host().Kernel, err)
}

// applyManifests applies the variant's manifests, with the kubectl of the control plane.
func (c *Cluster) applyManifests(ctx context.Context) error {
	if len(c.spec.Variant.manifests) == 0 {
		return nil
	}
	step := c.log.Step("apply the manifests of the variant %s", c.spec.Variant.Name)
	apply := c.eng.Command(ctx, "exec", "--interactive", c.spec.Name+"-"+roleControlPlane,
		"kubectl", "--kubeconfig=/etc/kubernetes/admin.conf", "apply", "--server-side", "--filename=-")
	apply.Stdin = bytes.NewReader(c.spec.Variant.manifests)
	output, err := apply.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("apply the manifests of the variant %s: %w:\n%s", c.spec.Variant.Name, err, engine.Tail(string(output), tailLines))
	}
	return step.End(err)
}

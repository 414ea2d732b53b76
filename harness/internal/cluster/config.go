package cluster

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
)

// refusesCgroupV1 is the first minor version whose kubelet does not start on cgroup v1 by default.
var refusesCgroupV1 = claim.Version{Major: 1, Minor: 35}

const allowCgroupV1 = `kind: KubeletConfiguration
failCgroupV1: false
`

// keepOOMScores holds one patch for each version of containerd's configuration. Kind applies the one whose version is that of
// the node image's configuration.
var keepOOMScores = []string{
	`version = 2
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
`,
	`version = 3
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
`,
}

// kindConfig returns kind's configuration for spec on this host, and the settings in it that the host or the version
// requires. The spec's variant is laid over all of it.
func kindConfig(spec Spec, host engine.Host) (*v1alpha4.Cluster, []evidence.Adaptation) {
	config := &v1alpha4.Cluster{
		TypeMeta: v1alpha4.TypeMeta{Kind: "Cluster", APIVersion: "kind.x-k8s.io/v1alpha4"},
		Name:     spec.Name,
		Nodes:    []v1alpha4.Node{{Role: v1alpha4.ControlPlaneRole, Image: spec.Image.Ref}},
	}
	for range spec.Workers {
		config.Nodes = append(config.Nodes, v1alpha4.Node{Role: v1alpha4.WorkerRole, Image: spec.Image.Ref})
	}
	if spec.Spare {
		config.Nodes = append(config.Nodes, spareNode(spec.Image.Ref))
	}
	var adapted []evidence.Adaptation
	version, err := claim.ParseVersion(spec.Version)
	if err == nil && !version.Before(refusesCgroupV1) && host.CgroupVersion == "v1" {
		config.KubeadmConfigPatches = append(config.KubeadmConfigPatches, allowCgroupV1)
		adapted = append(adapted, evidence.Adaptation{
			Found: "cgroup v1, which the kubelet refuses from " + refusesCgroupV1.String() + " on",
			Did:   "the kubelet is configured with failCgroupV1: false",
		})
	}
	for _, p := range nodeimage.KubeadmPatches(spec.Version) {
		config.KubeadmConfigPatches = append(config.KubeadmConfigPatches, p.Patch)
		adapted = append(adapted, evidence.Adaptation{Found: p.Found, Did: p.Did})
	}
	if !host.CanLowerOOMScore {
		config.ContainerdConfigPatches = append(config.ContainerdConfigPatches, keepOOMScores...)
		adapted = append(adapted, evidence.Adaptation{
			Found: "OOM scores cannot be lowered without CAP_SYS_RESOURCE",
			Did:   "containerd in the nodes is configured with restrict_oom_score_adj = true",
		})
	}
	spec.Variant.over(config)
	for i := range config.Nodes {
		if config.Nodes[i].Role != v1alpha4.WorkerRole {
			config.Nodes[i].Labels = withLabel(config.Nodes[i].Labels, hashLabel, configHash(config, spec.Variant))
		}
	}
	return config, adapted
}

// hashLabel is the label of the control plane with the hash of what the cluster was created from. A cluster of another configuration, such
// as an older noteproof's, is not reused.
const hashLabel = "noteproof.dev/configuration"

// configHash returns the hash of a configuration, and of its variant's text, without the nodes, of which there may be a spare one more.
func configHash(config *v1alpha4.Cluster, variant Variant) string {
	text, err := json.Marshal([]any{
		variant.hash, config.Networking, config.FeatureGates, config.RuntimeConfig, config.KubeadmConfigPatches, config.KubeadmConfigPatchesJSON6902,
		config.ContainerdConfigPatches, config.ContainerdConfigPatchesJSON6902,
	})
	if err != nil {
		panic(err) // they are texts, numbers and maps of these
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))[:16]
}

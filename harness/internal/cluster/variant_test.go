package cluster

import (
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
)

const kindsCluster = "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n"

func parse(t *testing.T, text string) Variant {
	t.Helper()
	v, err := ParseVariant("x", []byte(kindsCluster+text))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return v
}

func TestAVariantIsLaidOverOurConfiguration(t *testing.T) {
	g := NewWithT(t)
	spec := Spec{Name: "noteproof-x", Version: "v1.37.2", Image: nodeimage.Image{Ref: "node:x"}, Workers: 2, Variant: parse(t, `
networking: {ipFamily: dual, kubeProxyMode: nftables}
featureGates: {InPlacePodVerticalScaling: true}
runtimeConfig: {api/alpha: "true"}
kubeadmConfigPatches: ["kind: KubeletConfiguration\nmaxPods: 50\n"]
`)}
	host := engine.Host{CgroupVersion: "v1", CanLowerOOMScore: true}
	config, _ := kindConfig(spec, host)
	g.Expect(config.Networking).To(Equal(v1alpha4.Networking{IPFamily: "dual", KubeProxyMode: "nftables"}))
	g.Expect(config.FeatureGates).To(HaveKeyWithValue("InPlacePodVerticalScaling", true))
	g.Expect(config.RuntimeConfig).To(HaveKeyWithValue("api/alpha", "true"))
	g.Expect(config.KubeadmConfigPatches).To(HaveExactElements(allowCgroupV1, ContainSubstring("maxPods")), "what this machine needs, then the variant's")
	g.Expect(config.Nodes).To(HaveLen(3))
	g.Expect(config.Nodes[0].Labels).To(HaveKeyWithValue(hashLabel, configHash(config, spec.Variant)))
	g.Expect(spec.nodes()).To(Equal(3))

	spec.Variant = parse(t, "networking: {ipFamily: ipv6}")
	config, _ = kindConfig(spec, host)
	g.Expect(config.Networking).To(Equal(v1alpha4.Networking{IPFamily: "ipv6", APIServerAddress: "127.0.0.1"}))

	spec.Variant = parse(t, "nodes: [{}, {role: worker, labels: {zone: a}}]")
	config, _ = kindConfig(spec, host)
	g.Expect(spec.nodes()).To(Equal(2))
	g.Expect(config.Nodes).To(HaveExactElements(
		And(HaveField("Image", "node:x"), HaveField("Labels", HaveKey(hashLabel))),
		And(HaveField("Image", "node:x"), HaveField("Labels", Equal(map[string]string{"zone": "a"}))),
	))
	g.Expect(spec.Variant.config.Nodes[0].Image).To(BeEmpty(), "the variant itself is not changed")
}

func TestAVariantMayBringManifestsAndLackParts(t *testing.T) {
	g := NewWithT(t)
	v := parse(t, "networking: {disableDefaultCNI: true, kubeProxyMode: none}\n---\nkind: Namespace\napiVersion: v1\nmetadata: {name: a}\n---\nkind: Namespace\napiVersion: v1\nmetadata: {name: b}\n")
	g.Expect(string(v.manifests)).To(And(ContainSubstring("name: a"), ContainSubstring("---\n"), ContainSubstring("name: b")))
	c := &Cluster{spec: Spec{Workers: 2, Variant: v}}
	g.Expect(c.wanted()).To(Equal(wanted{nodes: 3}))
	c.spec.Variant = Variant{}
	g.Expect(c.wanted()).To(Equal(wanted{nodes: 3, proxy: true, network: true}))
	g.Expect(parse(t, "").hash).NotTo(Equal(v.hash), "another text is another cluster")
}

func TestParseVariantRefusesWhatItWouldNotGive(t *testing.T) {
	for text, why := range map[string]string{
		"":                                            "not a Cluster of kind.x-k8s.io/v1alpha4",
		"kind: Cluster":                               `a "Cluster" of ""`,
		kindsCluster + "networks: {}":                 "field networks not found",
		kindsCluster + "name: mine":                   "remove \"mine\"",
		kindsCluster + "nodes: [{}, {}]":              "2 control planes",
		kindsCluster + "nodes: [{role: worker}]":      "0 control planes",
		kindsCluster + "nodes: [{image: my:node}]":    "nodes[0].image",
		kindsCluster + "---\n- a list\n":              "read its manifests",
		kindsCluster + "networking: {ipFamily: [no]}": "cannot unmarshal",
	} {
		_, err := ParseVariant("x", []byte(text))
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(why)), text)
	}
}

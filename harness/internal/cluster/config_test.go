package cluster

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
)

func TestKindConfig(t *testing.T) {
	ordinary := engine.Host{CgroupVersion: "v2", CanLowerOOMScore: true}
	for name, c := range map[string]struct {
		version             string
		host                engine.Host
		kubeadm, containerd []string
		adapted             int
	}{
		"an ordinary host gets kind's own configuration": {"v1.37.2", ordinary, nil, nil, 0},
		"a new kubelet on cgroup v1":                     {"v1.35.0", engine.Host{CgroupVersion: "v1", CanLowerOOMScore: true}, []string{allowCgroupV1}, nil, 1},
		"an old kubelet on cgroup v1":                    {"v1.34.4", engine.Host{CgroupVersion: "v1", CanLowerOOMScore: true}, nil, nil, 0},
		"a kubelet that polls rarely":                    {"v1.26.13", ordinary, []string{nodeimage.KubeadmPatches("v1.26.13")[0].Patch}, nil, 1},
		"no CAP_SYS_RESOURCE":                            {"v1.37.2", engine.Host{CgroupVersion: "v2"}, nil, keepOOMScores, 1},
		"both":                                           {"v1.37.2", engine.Host{CgroupVersion: "v1"}, []string{allowCgroupV1}, keepOOMScores, 2},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			config, adapted := kindConfig(Spec{Name: "noteproof-x", Version: c.version, Image: nodeimage.Image{Ref: "node:x"}, Workers: 2}, c.host)
			g.Expect(config.KubeadmConfigPatches).To(Equal(c.kubeadm))
			g.Expect(config.ContainerdConfigPatches).To(Equal(c.containerd))
			g.Expect(adapted).To(HaveLen(c.adapted))
			g.Expect(config.Nodes).To(Equal([]v1alpha4.Node{
				{Role: v1alpha4.ControlPlaneRole, Image: "node:x", Labels: map[string]string{hashLabel: configHash(config, Variant{})}},
				{Role: v1alpha4.WorkerRole, Image: "node:x"},
				{Role: v1alpha4.WorkerRole, Image: "node:x"},
			}))
		})
	}
}

func TestAClusterOfAnotherConfigurationIsNotReused(t *testing.T) {
	g := NewWithT(t)
	ordinary := Spec{Name: "noteproof-x", Version: "v1.37.2", Workers: 2}
	hash := func(spec Spec, host engine.Host) string {
		config, _ := kindConfig(spec, host)
		return config.Nodes[0].Labels[hashLabel]
	}
	host := engine.Host{CgroupVersion: "v2", CanLowerOOMScore: true}
	is := hash(ordinary, host)
	g.Expect(hash(ordinary, engine.Host{CgroupVersion: "v2"})).NotTo(Equal(is), "another machine, or another noteproof, patches it in another way")
	spare := ordinary
	spare.Spare = true
	g.Expect(hash(spare, host)).To(Equal(is), "it serves with a spare worker and without")
	spare.Variant = parse(t, "networking: {kubeProxyMode: nftables}")
	g.Expect(hash(spare, host)).NotTo(Equal(is))
}

func TestASpareWorkerIsTainted(t *testing.T) {
	g := NewWithT(t)
	spec := Spec{Name: "noteproof-x", Version: "v1.37.2", Image: nodeimage.Image{Ref: "node:x"}, Workers: 2, Spare: true}
	config, _ := kindConfig(spec, engine.Host{CgroupVersion: "v2", CanLowerOOMScore: true})
	g.Expect(config.Nodes).To(HaveLen(spec.nodes()))
	g.Expect(config.Nodes[3]).To(Equal(v1alpha4.Node{
		Role: v1alpha4.WorkerRole, Image: "node:x", Labels: map[string]string{SpareTaint: "true"}, KubeadmConfigPatches: []string{taintSpare},
	}))
	node := corev1.Node{Spec: corev1.NodeSpec{Taints: []corev1.Taint{{Key: SpareTaint}}}}
	g.Expect(IsSpare(node)).To(BeFalse(), "manifests could not prefer it")
	node.Labels = map[string]string{SpareTaint: ""}
	g.Expect(IsSpare(node)).To(BeTrue())
	node.Spec.Taints = nil
	g.Expect(IsSpare(node)).To(BeFalse())

	listed, err := ParseVariant("x", []byte("kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: [{role: control-plane}, {role: worker}]\n"))
	g.Expect(err).NotTo(HaveOccurred())
	spec.Variant = listed
	g.Expect(spec.nodes()).To(Equal(2), "a variant that lists nodes has no other")
}

func TestAClusterIsReusedWithASpareWorkerAndWithout(t *testing.T) {
	worker := container{Cluster: "noteproof-x", Role: roleWorker}
	for workers, spare := range map[int]bool{2: false, 3: true} {
		NewWithT(t).Expect(Spec{Workers: 2, Spare: !spare}.like(slices.Repeat([]container{worker}, workers)).Spare).To(Equal(spare))
	}
}

func TestCheckReturnsAllProblemsOfASpec(t *testing.T) {
	g := NewWithT(t)
	good := Spec{Name: "noteproof-v1.37.2", Version: "v1.37.2", Image: nodeimage.Image{Ref: "node:x"}, Workers: 2, Kubeconfig: "out/kubeconfig"}
	g.Expect(good.check()).To(Succeed())
	g.Expect(Spec{Name: "kind", Version: "new", Workers: -1}.check()).To(MatchError(And(
		ContainSubstring("must begin with noteproof-"),
		ContainSubstring(`version "new"`),
		ContainSubstring("no node image"),
		ContainSubstring("cannot have -1 workers"),
		ContainSubstring("no path for its kubeconfig"),
	)))
}

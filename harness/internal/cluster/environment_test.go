package cluster

import (
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/evidence"
)

func TestDetectCNI(t *testing.T) {
	g := NewWithT(t)
	g.Expect(detectCNI([]appsv1.DaemonSet{daemonSet("kube-proxy", 1, 1), daemonSet("kindnet", 1, 1)})).To(Equal("kindnet"))
	g.Expect(detectCNI([]appsv1.DaemonSet{daemonSet("noteproof-podroutes", 1, 1)})).To(Equal("podroutes"))
	g.Expect(detectCNI([]appsv1.DaemonSet{daemonSet("cilium", 1, 1), daemonSet("cilium-envoy", 1, 1), daemonSet("aws-node", 1, 1)})).To(Equal("cilium, amazon-vpc-cni"))
	g.Expect(detectCNI([]appsv1.DaemonSet{daemonSet("speaker", 1, 1)})).To(BeEmpty())
}

func TestDescribeNodes(t *testing.T) {
	g := NewWithT(t)
	master := corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{"node-role.kubernetes.io/master": ""}}}
	master.Status.NodeInfo = corev1.NodeSystemInfo{KubeletVersion: "v1.23.17", ContainerRuntimeVersion: "containerd://2.4.2", KernelVersion: "6.1", OSImage: "Debian", Architecture: "amd64"}
	master.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: "a"}, {Type: corev1.NodeInternalIP, Address: "10.89.0.2"}}
	master.Status.Capacity = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2"), corev1.ResourceMemory: resource.MustParse("4Gi")}
	worker := *master.DeepCopy()
	worker.Name, worker.Labels = "b", nil
	worker.Status.NodeInfo.KernelVersion = "6.2"
	var env evidence.Environment
	describeNodes(&env, []corev1.Node{master, worker})
	g.Expect(env).To(Equal(evidence.Environment{
		ContainerRuntime: "containerd://2.4.2", Kernel: "6.1, 6.2", OS: "Debian", Architecture: "amd64", CPUs: 4, MemoryMiB: 8192,
		Nodes: []evidence.Node{
			{Name: "a", Role: "control-plane", Version: "v1.23.17", Address: "10.89.0.2"},
			{Name: "b", Role: "worker", Version: "v1.23.17", Address: "10.89.0.2"},
		},
	}))
}

func TestImageDigest(t *testing.T) {
	g := NewWithT(t)
	g.Expect(imageDigest(container{ImageRef: "kindest/node:v1.37.2@sha256:manifest", ImageID: "abc"})).To(Equal("sha256:manifest"))
	g.Expect(imageDigest(container{ImageRef: "localhost/node:v1.37.2", ImageID: "abc"})).To(Equal("sha256:abc"))
}

func TestProxyModeAndCgroupVersion(t *testing.T) {
	g := NewWithT(t)
	g.Expect(proxyMode("apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: nftables\n")).To(Equal("nftables"))
	g.Expect(proxyMode("mode: \"\"\n")).To(Equal("iptables"))
	g.Expect(proxyMode("")).To(BeEmpty())
	g.Expect(cgroupVersion("cgroup2fs")).To(Equal("v2"))
	g.Expect(cgroupVersion("tmpfs")).To(Equal("v1"))
	g.Expect(cgroupVersion("")).To(BeEmpty())
	g.Expect(cgroupMetric.FindStringSubmatch("# HELP\nkubelet_cgroup_version 2\n")[1]).To(Equal("2"))
}

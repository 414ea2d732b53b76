package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"

	"github.com/noteproof/noteproof/harness/evidence"
)

// Environment observes the cluster and returns its properties and the version that the server reports. Every field is
// observed, none is copied from the Spec; a field that could not be observed is empty. It returns an error if the server's
// version, the nodes or, for a cluster of ours, the control plane's container could not be observed.
func (c *Cluster) Environment(ctx context.Context) (evidence.Environment, string, error) {
	client, err := c.client()
	if err != nil {
		return evidence.Environment{}, "", err
	}
	version, err := client.Discovery().ServerVersion()
	if err != nil {
		return evidence.Environment{}, "", fmt.Errorf("get the server's version: %w", err)
	}
	env := evidence.Environment{Cluster: c.Name(), Reused: c.Reused(), Adopted: c.adopted}
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if c.adopted && apierrors.IsForbidden(err) {
		nodes, err = &corev1.NodeList{}, nil
	}
	if err != nil {
		return env, version.GitVersion, fmt.Errorf("list nodes: %w", err)
	}
	describeNodes(&env, nodes.Items)
	sets, err := client.AppsV1().DaemonSets(metav1.NamespaceAll).List(ctx, metav1.ListOptions{})
	if err == nil { // the user may not be allowed to list them
		env.CNI = detectCNI(sets.Items)
	}
	env.KubeProxyMode = configuredProxyMode(ctx, client)
	if c.adopted {
		env.CgroupVersion = reportedCgroupVersion(ctx, client, nodes.Items)
		if system, err := client.CoreV1().Namespaces().Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{}); err == nil {
			env.ClusterUID = string(system.UID)
		}
		return env, version.GitVersion, nil
	}
	return env, version.GitVersion, c.observeHost(ctx, &env)
}

// describeNodes fills in what the nodes report about themselves.
func describeNodes(env *evidence.Environment, nodes []corev1.Node) {
	runtimes, kernels, systems, architectures, families := set{}, set{}, set{}, set{}, set{}
	for _, node := range nodes {
		info := node.Status.NodeInfo
		runtimes.add(info.ContainerRuntimeVersion)
		kernels.add(info.KernelVersion)
		systems.add(info.OSImage)
		architectures.add(info.Architecture)
		for _, cidr := range append(node.Spec.PodCIDRs, node.Spec.PodCIDR) {
			families.add(familyOf(cidr))
		}
		env.CPUs += int(node.Status.Capacity.Cpu().Value())
		env.MemoryMiB += node.Status.Capacity.Memory().Value() >> 20
		env.Nodes = append(env.Nodes, evidence.Node{
			Name: node.Name, Role: roleOf(node), Version: info.KubeletVersion, Address: InternalAddress(node),
		})
	}
	env.ContainerRuntime, env.Kernel = runtimes.String(), kernels.String()
	env.OS, env.Architecture = systems.String(), architectures.String()
	if env.IPFamily = families.String(); len(families) > 1 {
		env.IPFamily = "dual-stack"
	}
}

// familyOf returns the family of a node's Pod CIDR; empty if the node has none, as with some CNIs.
func familyOf(cidr string) string {
	prefix, err := netip.ParsePrefix(cidr)
	switch {
	case err != nil:
		return ""
	case prefix.Addr().Is4():
		return "IPv4"
	default:
		return "IPv6"
	}
}

// askProxyMode asks the kube-proxy of a node of ours for its mode, for a few seconds if it does not listen yet.
func (c *Cluster) askProxyMode(ctx context.Context, node string) (string, error) {
	return c.eng.Run(ctx, "exec", node, "curl", "--silent", "--fail", "--noproxy", "*", "--max-time", "5", "--retry", "5", "--retry-max-time", "5", "--retry-connrefused", "http://localhost:10249/proxyMode")
}

// checkProxyMode returns an error if kube-proxy runs in another mode than the variant wants: it falls back to iptables where the
// kernel lacks another one.
func (c *Cluster) checkProxyMode(ctx context.Context) error {
	if c.spec.Variant.config == nil {
		return nil
	}
	want := c.spec.Variant.config.Networking.KubeProxyMode
	if want == "" || want == "none" {
		return nil
	}
	mode, err := c.askProxyMode(ctx, c.spec.Name+"-"+roleControlPlane)
	if err != nil {
		return fmt.Errorf("ask kube-proxy for its mode: %w", err)
	}
	if mode != string(want) {
		return fmt.Errorf("kube-proxy runs in the mode %s, and the variant %s wants %s: the kernel may lack what it needs, such as the module ip_vs",
			mode, c.spec.Variant.Name, want)
	}
	return nil
}

// observeHost fills in what only the engine and the inside of a node can show. All nodes share one machine, so its processors
// and memory count once, not once for each node.
func (c *Cluster) observeHost(ctx context.Context, env *evidence.Environment) error {
	host := c.eng.Host()
	env.Engine = c.eng.Name() + " " + c.eng.Version()
	env.OS, env.CPUs, env.MemoryMiB = host.OS, host.CPUs, host.MemoryMiB
	env.Adaptations = append(c.eng.Adaptations(), c.adapted...)
	nodes, err := containers(ctx, c.eng, c.spec.Name)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(nodes, func(c container) bool { return c.Role == roleControlPlane })
	if i < 0 {
		return fmt.Errorf("the engine no longer lists the control plane of %s", c.spec.Name)
	}
	node := nodes[i]
	env.NodeImage = node.ImageRef
	env.NodeImageDigest = imageDigest(node)
	hierarchy, err := c.eng.Run(ctx, "exec", node.Name, "stat", "--file-system", "--format=%T", "/sys/fs/cgroup")
	env.CgroupVersion = cgroupVersion(hierarchy)
	if mode, err := c.askProxyMode(ctx, node.Name); err == nil {
		env.KubeProxyMode = mode
	}
	for _, from := range []string{c.spec.Image.From, c.spec.Workload.From} {
		if from != "" {
			env.Pulled = append(env.Pulled, from)
		}
	}
	if ref := c.spec.Workload.Ref; ref != "" {
		digest, failed := c.imageOn(ctx, node.Name, ref)
		err = errors.Join(err, failed)
		if digest != "" {
			env.WorkloadImage = ref + "@" + digest
		}
	}
	return err
}

// imageDigest returns the digest of a node's image: of the published manifest if the node was started by digest, else of the
// image's configuration, which is the same in every engine.
func imageDigest(node container) string {
	if _, digest, found := strings.Cut(node.ImageRef, "@"); found {
		return digest
	}
	return "sha256:" + node.ImageID
}

// cgroupVersion derives the version from the type of the file system at /sys/fs/cgroup.
func cgroupVersion(fileSystem string) string {
	switch fileSystem {
	case "cgroup2fs":
		return "v2"
	case "":
		return ""
	default:
		return "v1"
	}
}

// cgroupMetric matches a metric that kubelets report from 1.32 on.
var cgroupMetric = regexp.MustCompile(`(?m)^kubelet_cgroup_version(?:\{[^}]*\})? (\d)`)

// reportedCgroupVersion asks a kubelet through the API server; empty if it does not report the version or access is denied.
func reportedCgroupVersion(ctx context.Context, client kubernetes.Interface, nodes []corev1.Node) string {
	if len(nodes) == 0 {
		return ""
	}
	metrics, err := client.CoreV1().RESTClient().Get().Resource("nodes").Name(nodes[0].Name).
		SubResource("proxy").Suffix("metrics").DoRaw(ctx)
	if err != nil {
		return ""
	}
	match := cgroupMetric.FindSubmatch(metrics)
	if match == nil {
		return ""
	}
	return "v" + string(match[1])
}

// configuredProxyMode reads the mode from kubeadm's ConfigMap of kube-proxy; empty if there is none.
func configuredProxyMode(ctx context.Context, client kubernetes.Interface) string {
	config, err := client.CoreV1().ConfigMaps(metav1.NamespaceSystem).Get(ctx, kubeProxy, metav1.GetOptions{})
	if err != nil {
		return ""
	}
	return proxyMode(config.Data["config.conf"])
}

// proxyMode returns the mode of a configuration of kube-proxy. One that sets none means iptables, on Linux (Kubernetes docs, "Virtual IPs
// and Service Proxies").
func proxyMode(config string) string {
	var parsed struct{ Mode *string }
	if err := yaml.Unmarshal([]byte(config), &parsed); err != nil || parsed.Mode == nil {
		return "" // no configuration of kube-proxy
	}
	return cmp.Or(*parsed.Mode, "iptables")
}

// knownCNIs maps words in the names of DaemonSets to the network plugins that run them.
var knownCNIs = []struct{ word, name string }{
	{"kindnet", "kindnet"},
	{"podroutes", "podroutes"},
	{"calico-node", "calico"},
	{"canal", "canal"},
	{"cilium", "cilium"},
	{"flannel", "flannel"},
	{"weave", "weave"},
	{"antrea", "antrea"},
	{"aws-node", "amazon-vpc-cni"},
	{"azure-cni", "azure-cni"},
	{"azure-cns", "azure-cni"},
	{"kube-router", "kube-router"},
	{"ovnkube", "ovn-kubernetes"},
}

// cniOf returns the network plugin to which a DaemonSet belongs; empty if it belongs to none of the known ones.
func cniOf(set appsv1.DaemonSet) string {
	for _, known := range knownCNIs {
		if strings.Contains(set.Name, known.word) {
			return known.name
		}
	}
	return ""
}

func detectCNI(sets []appsv1.DaemonSet) string {
	found := set{}
	for _, s := range sets {
		found.add(cniOf(s))
	}
	return found.String()
}

// roleOf derives a node's role from the labels that kubeadm sets, including the old one.
func roleOf(node corev1.Node) string {
	for _, label := range []string{"node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"} {
		if _, found := node.Labels[label]; found {
			return roleControlPlane
		}
	}
	return roleWorker
}

// InternalAddress returns the first address of a node of type InternalIP; empty when it has none.
func InternalAddress(node corev1.Node) string {
	for _, address := range node.Status.Addresses {
		if address.Type == corev1.NodeInternalIP {
			return address.Address
		}
	}
	return ""
}

// set holds distinct values in the order in which they were added.
type set []string

func (s *set) add(value string) {
	if value != "" && !slices.Contains(*s, value) {
		*s = append(*s, value)
	}
}

func (s set) String() string { return strings.Join(s, ", ") }

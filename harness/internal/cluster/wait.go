package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
)

const (
	// readyTimeout limits how long a new cluster may take to become ready after its nodes have joined.
	readyTimeout = 4 * time.Minute
	// reuseTimeout is the same for a cluster that was ready before.
	reuseTimeout = 45 * time.Second
	// pollInterval is the interval between two checks of the cluster.
	pollInterval = 250 * time.Millisecond
)

// infrastructure lists the namespaces of a kind cluster's own Pods.
var infrastructure = [...]string{metav1.NamespaceSystem, "local-path-storage"}

// snapshot is the observed state that decides whether a cluster is ready.
type snapshot struct {
	nodes       []corev1.Node
	daemonSets  []appsv1.DaemonSet
	deployments []appsv1.Deployment
	classes     []storagev1.StorageClass
	dns         []discoveryv1.EndpointSlice
	account     bool // the service account default in namespace default
}

// awaitReady waits until the cluster is ready, except for what it is tolerated to lack, in the words of missing. After a timeout
// its error names what is missing.
func (c *Cluster) awaitReady(ctx context.Context, within time.Duration, tolerated ...string) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	var lacking []string
	var last error
	err = wait.PollUntilContextTimeout(ctx, pollInterval, within, true, func(ctx context.Context) (bool, error) {
		seen, err := observe(ctx, client)
		if err != nil {
			if ctx.Err() == nil {
				last = err
			}
			return false, nil
		}
		lacking, last = missing(seen, c.wanted()), nil
		lacking = slices.DeleteFunc(lacking, func(what string) bool { return slices.Contains(tolerated, what) })
		return len(lacking) == 0, nil
	})
	switch {
	case err == nil:
		return nil
	case context.Cause(ctx) != nil:
		err = context.Cause(ctx)
	default:
		err = fmt.Errorf("not ready after %s", within)
	}
	if last != nil {
		return fmt.Errorf("%w: the cluster does not answer: %w", err, last)
	}
	if len(lacking) > 0 {
		return fmt.Errorf("%w: %s%s", err, strings.Join(lacking, "; "), troubles(ctx, client))
	}
	return err
}

func (c *Cluster) client() (*kubernetes.Clientset, error) {
	config, err := c.RESTConfig()
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client: %w", err)
	}
	return client, nil
}

// observe asks the server for everything that decides whether the cluster is ready.
func observe(ctx context.Context, client kubernetes.Interface) (snapshot, error) {
	var s snapshot
	var errs []error
	all := metav1.ListOptions{}
	if nodes, err := client.CoreV1().Nodes().List(ctx, all); err != nil {
		errs = append(errs, err)
	} else {
		s.nodes = nodes.Items
	}
	if sets, err := client.AppsV1().DaemonSets(metav1.NamespaceSystem).List(ctx, all); err != nil {
		errs = append(errs, err)
	} else {
		s.daemonSets = sets.Items
	}
	for _, namespace := range infrastructure {
		if deployments, err := client.AppsV1().Deployments(namespace).List(ctx, all); err != nil {
			errs = append(errs, err)
		} else {
			s.deployments = append(s.deployments, deployments.Items...)
		}
	}
	if classes, err := client.StorageV1().StorageClasses().List(ctx, all); err != nil {
		errs = append(errs, err)
	} else {
		s.classes = classes.Items
	}
	dns := metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=kube-dns"}
	if slices, err := client.DiscoveryV1().EndpointSlices(metav1.NamespaceSystem).List(ctx, dns); err != nil {
		errs = append(errs, err)
	} else {
		s.dns = slices.Items
	}
	_, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
	if s.account = err == nil; err != nil && !apierrors.IsNotFound(err) {
		errs = append(errs, err)
	}
	return s, errors.Join(errs...)
}

// wanted is what a cluster must have to be ready.
type wanted struct {
	nodes          int
	proxy, network bool // a DaemonSet of kube-proxy, and one of a CNI that noteproof knows
}

func (c *Cluster) wanted() wanted {
	w := wanted{nodes: c.spec.nodes(), proxy: true, network: true}
	if config := c.spec.Variant.config; config != nil {
		w.proxy = config.Networking.KubeProxyMode != "none"
		w.network = !config.Networking.DisableDefaultCNI
	}
	return w
}

// missing lists what a cluster lacks to be ready. It is pure.
func missing(s snapshot, want wanted) []string {
	lacking := slices.Concat(missingNodes(s.nodes, want.nodes), missingDaemonSets(s.daemonSets, want), missingDeployments(s.deployments))
	if !slices.ContainsFunc(s.dns, hasReadyEndpoint) {
		lacking = append(lacking, "the Service kube-dns has no endpoint")
	}
	if !slices.ContainsFunc(s.classes, isDefaultClass) {
		lacking = append(lacking, "there is no default StorageClass")
	}
	if !s.account {
		lacking = append(lacking, "the namespace default has no service account default")
	}
	return lacking
}

func missingNodes(joined []corev1.Node, nodes int) (lacking []string) {
	if len(joined) != nodes {
		lacking = append(lacking, fmt.Sprintf("%d of %d nodes have joined", len(joined), nodes))
	}
	for _, node := range joined {
		if why := nodeNotReady(node); why != "" {
			lacking = append(lacking, fmt.Sprintf("node %s is not Ready (%s)", node.Name, why))
		}
	}
	return lacking
}

// missingDaemonSets wants kube-proxy and the CNI on every node, and the others where they are scheduled.
func missingDaemonSets(sets []appsv1.DaemonSet, want wanted) (lacking []string) {
	proxy, network := !want.proxy, !want.network
	for _, set := range sets {
		proxy = proxy || set.Name == kubeProxy
		network = network || cniOf(set) != ""
		wanted := int32(want.nodes) //nolint:gosec // a handful
		if set.Name != kubeProxy && cniOf(set) == "" {
			wanted = set.Status.DesiredNumberScheduled
		}
		if set.Status.NumberReady < wanted || set.Status.ObservedGeneration < set.Generation {
			lacking = append(lacking, fmt.Sprintf("DaemonSet %s is ready on %d of %d nodes", set.Name, set.Status.NumberReady, wanted))
		}
	}
	if !proxy {
		lacking = append(lacking, "there is no DaemonSet "+kubeProxy)
	}
	if !network {
		lacking = append(lacking, "there is no DaemonSet of a CNI")
	}
	return lacking
}

func missingDeployments(deployments []appsv1.Deployment) (lacking []string) {
	dns := false
	for _, deployment := range deployments {
		dns = dns || deployment.Name == "coredns"
		wanted := int32(1)
		if deployment.Spec.Replicas != nil {
			wanted = *deployment.Spec.Replicas
		}
		if deployment.Status.AvailableReplicas < wanted || deployment.Status.ObservedGeneration < deployment.Generation {
			lacking = append(lacking, fmt.Sprintf("Deployment %s/%s has %d of %d Pods available",
				deployment.Namespace, deployment.Name, deployment.Status.AvailableReplicas, wanted))
		}
	}
	if !dns {
		lacking = append(lacking, "there is no Deployment coredns")
	}
	return lacking
}

const kubeProxy = "kube-proxy"

// nodeNotReady says why a node is not usable: not Ready, or tainted. It returns "" for a usable node.
func nodeNotReady(node corev1.Node) string {
	for _, taint := range node.Spec.Taints {
		if strings.HasPrefix(taint.Key, "node.kubernetes.io/") {
			return "it has the taint " + taint.Key
		}
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type != corev1.NodeReady {
			continue
		}
		if condition.Status == corev1.ConditionTrue {
			return ""
		}
		return strings.TrimSpace(condition.Reason + ": " + condition.Message)
	}
	return "it has not reported yet"
}

func hasReadyEndpoint(s discoveryv1.EndpointSlice) bool {
	return slices.ContainsFunc(s.Endpoints, func(e discoveryv1.Endpoint) bool {
		return len(e.Addresses) > 0 && (e.Conditions.Ready == nil || *e.Conditions.Ready)
	})
}

func isDefaultClass(class storagev1.StorageClass) bool {
	return class.Annotations["storageclass.kubernetes.io/is-default-class"] == "true" ||
		class.Annotations["storageclass.beta.kubernetes.io/is-default-class"] == "true"
}

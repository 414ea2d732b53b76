package lab

import (
	"context"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"

	"github.com/noteproof/noteproof/harness/claim"
)

// probeLayerTwo finds out whether each external IP is announced by a single node. That is so with the plugin that noteproof
// installs on a cluster that it creates. Of other plugins only MetalLB is supported.
func (l *Lab) probeLayerTwo(ctx context.Context, client kubernetes.Interface) error {
	if !anyNeeds(l.chosen(), claim.LayerTwoBalancer) {
		return nil
	}
	config, err := client.CoreV1().ConfigMaps(metav1.NamespaceSystem).Get(ctx, "kube-proxy", metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err), apierrors.IsForbidden(err): // another proxy, or none
	case err != nil:
		return fmt.Errorf("read the configuration of kube-proxy: %w", err)
	default:
		if why := announcesEverything(config.Data["config.conf"]); why != "" {
			l.lacks[claim.LayerTwoBalancer] = why
			return nil
		}
	}
	if l.cluster.own {
		return nil
	}
	layerTwo, err := metallbHas(ctx, client, "l2advertisements")
	if err != nil {
		return err
	}
	bgp, err := metallbHas(ctx, client, "bgpadvertisements")
	if err != nil {
		return err
	}
	if !layerTwo || bgp {
		l.lacks[claim.LayerTwoBalancer] = "the cluster has no MetalLB that announces addresses in layer 2 mode only"
	}
	return nil
}

// announcesEverything returns why every node announces each Service address with this configuration of kube-proxy; empty if
// that is not so. In IPVS mode the nodes have the addresses themselves, and the kernel announces them unless strictARP is set
// (MetalLB docs, "Installation", preparation).
func announcesEverything(config string) string {
	var parsed struct {
		Mode string `json:"mode"`
		IPVS struct {
			StrictARP bool `json:"strictARP"`
		} `json:"ipvs"`
	}
	if err := yaml.Unmarshal([]byte(config), &parsed); err != nil {
		return fmt.Sprintf("the configuration of kube-proxy cannot be read: %v", err)
	}
	if parsed.Mode == "ipvs" && !parsed.IPVS.StrictARP {
		return "kube-proxy is in IPVS mode without strictARP, so that every node announces each external IP"
	}
	return ""
}

// balancerPlugin returns the load balancer plugin that the cluster has, or that a scenario installs; empty if it is not known.
func (l *Lab) balancerPlugin() string {
	if l.cluster.own {
		return metalLB
	}
	client, err := kubernetes.NewForConfig(l.rest)
	if err != nil {
		return ""
	}
	if _, err := client.Discovery().ServerResourcesForGroupVersion("metallb.io/v1beta1"); err != nil {
		return ""
	}
	return metalLB
}

const metalLB = "MetalLB"

// metallbHas returns whether the cluster has objects of a kind of MetalLB. It returns false without MetalLB, and without
// permission to list them.
func metallbHas(ctx context.Context, client kubernetes.Interface, resource string) (bool, error) {
	text, err := client.Discovery().RESTClient().Get().AbsPath("/apis/metallb.io/v1beta1/" + resource).DoRaw(ctx)
	if apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
		return false, nil
	}
	var list struct{ Items []json.RawMessage }
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	if err != nil {
		return false, fmt.Errorf("list the %s of MetalLB: %w", resource, err)
	}
	return len(list.Items) > 0, nil
}

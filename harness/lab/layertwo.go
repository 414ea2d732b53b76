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

// probeLayerTwo finds out whether one node alone announces an external IP. The plugin that noteproof installs on a cluster of
// its own works like that; of other plugins only MetalLB can be asked.
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
		l.lacks[claim.LayerTwoBalancer] = "no MetalLB is found that announces addresses in layer 2 mode alone"
	}
	return nil
}

// announcesEverything says why every node answers for each Service address under this configuration of kube-proxy; empty
// when none does so. In IPVS mode the addresses are the nodes' own, and the kernel announces them unless configured otherwise
// (MetalLB docs, "Installation", preparation).
func announcesEverything(config string) string {
	var said struct {
		Mode string `json:"mode"`
		IPVS struct {
			StrictARP bool `json:"strictARP"`
		} `json:"ipvs"`
	}
	if err := yaml.Unmarshal([]byte(config), &said); err != nil {
		return fmt.Sprintf("the configuration of kube-proxy cannot be read: %v", err)
	}
	if said.Mode == "ipvs" && !said.IPVS.StrictARP {
		return "kube-proxy is in IPVS mode without strictARP, so that every node announces each external IP"
	}
	return ""
}

// metallbHas reports whether the cluster has objects of one of MetalLB's kinds. Without MetalLB, and where they may not be
// listed, it has none.
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

package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
)

// Services are Services as the API server reports them.
type Services []corev1.Service

func (s Services) String() string {
	if len(s) == 0 {
		return "no Service"
	}
	words := make([]string, len(s))
	for i := range s {
		words[i] = describeService(&s[i])
	}
	return strings.Join(words, "; ")
}

func describeService(service *corev1.Service) string {
	words := fmt.Sprintf("Service %s uid=%s %s clusterIP=%s", service.Name, service.UID, service.Spec.Type, service.Spec.ClusterIP)
	for _, port := range service.Spec.Ports {
		words += fmt.Sprintf(" port %d→%s", port.Port, port.TargetPort.String())
		if port.NodePort != 0 {
			words += fmt.Sprintf(" nodePort=%d", port.NodePort)
		}
	}
	if service.Spec.ExternalTrafficPolicy != "" {
		words += " externalTrafficPolicy=" + string(service.Spec.ExternalTrafficPolicy)
	}
	if service.Spec.TrafficDistribution != nil {
		words += " trafficDistribution=" + *service.Spec.TrafficDistribution
	}
	for _, ingress := range service.Status.LoadBalancer.Ingress {
		words += " ingress=" + ingress.IP + ingress.Hostname
		if ingress.IPMode != nil {
			words += " ipMode=" + string(*ingress.IPMode)
		}
	}
	return words
}

// Service looks at the Service of this name; the answer is a Services, which is empty if there is none.
func (c Cluster) Service(name string) Look {
	return look{"Service " + name, func(ctx context.Context) (any, error) {
		selector := fields.OneTermEqualSelector(metav1.ObjectNameField, name).String()
		list, err := c.Client.CoreV1().Services(c.Namespace).List(ctx, metav1.ListOptions{FieldSelector: selector})
		if err != nil {
			return nil, fmt.Errorf("get the Service %s: %w", name, err)
		}
		return Services(list.Items), nil
	}}
}

// AddressOwner is what the API server's object of an IP address says that the address belongs to, such as "services/np-x/web"; empty
// if there is no such object.
type AddressOwner string

func (o AddressOwner) String() string {
	if o == "" {
		return "no object of this address"
	}
	return "an object of this address, which belongs to " + string(o)
}

// AddressOwner looks at the object IPAddress of an IP address that Services use; the answer is an AddressOwner. Kubernetes has such
// objects since v1.33 (MultiCIDRServiceAllocator, KEP-1880).
func (c Cluster) AddressOwner(ip string) Look {
	return look{"the IPAddress " + ip, func(ctx context.Context) (any, error) {
		result := c.Client.Discovery().RESTClient().Get().AbsPath("/apis/networking.k8s.io/v1/ipaddresses", ip).Do(ctx)
		err := result.Error()          // unlike that of DoRaw, it has the words of the API server
		if apierrors.IsNotFound(err) { // also where the API server has no such kind
			return AddressOwner(""), nil
		}
		if err != nil {
			return nil, fmt.Errorf("get the IPAddress %s: %w", ip, err)
		}
		text, _ := result.Raw() // its error is that above
		var address struct {
			Spec struct {
				ParentRef struct{ Resource, Namespace, Name string }
			}
		}
		if err := json.Unmarshal(text, &address); err != nil {
			return nil, fmt.Errorf("read the IPAddress %s: %w", ip, err)
		}
		owner := address.Spec.ParentRef
		return AddressOwner(owner.Resource + "/" + owner.Namespace + "/" + owner.Name), nil
	}}
}

package probe

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
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
	for _, ingress := range service.Status.LoadBalancer.Ingress {
		words += " ingress=" + ingress.IP + ingress.Hostname
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

package probe

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Resources are the requests and limits of a container, as the API server has stored them.
type Resources struct {
	Requests, Limits corev1.ResourceList
}

func (r Resources) String() string {
	return fmt.Sprintf("requests %s, limits %s", listed(r.Requests), listed(r.Limits))
}

func listed(list corev1.ResourceList) string {
	words := make([]string, 0, len(list))
	for name, quantity := range list {
		words = append(words, fmt.Sprintf("%s=%s", name, quantity.String()))
	}
	if len(words) == 0 {
		return "none"
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// Resources looks at the requests and limits of a container of the only Pod; the answer is a Resources.
func (p Pods) Resources(container string) Look {
	return look{fmt.Sprintf("resources of container %s of %s", container, p.Name()), func(ctx context.Context) (any, error) {
		pod, err := p.One(ctx)
		if err != nil {
			return nil, err
		}
		for _, c := range pod.Spec.Containers {
			if c.Name == container {
				return Resources{c.Resources.Requests, c.Resources.Limits}, nil
			}
		}
		return nil, fmt.Errorf("the Pod %s has no container %s", pod.Name, container)
	}}
}

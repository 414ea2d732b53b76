package breaks

import (
	"context"
	"errors"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SlowNodeMonitor makes the node-lifecycle-controller wait 10 minutes for a silent node before it marks it as lost.
func SlowNodeMonitor() Disturbance {
	return disturbance("slow-node-monitor", "waits 10 minutes instead of 50 s for a silent node", func(ctx context.Context, c *change) error {
		return c.setFlags(ctx, controllerManager, func(command []string) []string {
			return setFlag(command, "node-monitor-grace-period", "10m")
		})
	})
}

// AllowEverybody makes the API server authorize every request.
func AllowEverybody() Disturbance {
	return disturbance("allow-everybody", "authorizes every request (--authorization-mode=AlwaysAllow)", func(ctx context.Context, c *change) error {
		c.onUndo(func(ctx context.Context) error { return c.awaitAllowed(ctx, false) })
		err := c.setFlags(ctx, apiServer, func(command []string) []string { return setFlag(command, "authorization-mode", "AlwaysAllow") })
		if err != nil {
			return err
		}
		return c.awaitAllowed(ctx, true)
	})
}

// awaitAllowed waits until the API server allows, or refuses, what an unknown user must not do.
func (c *change) awaitAllowed(ctx context.Context, allowed bool) error {
	what := fmt.Sprintf("an unknown user is allowed to delete nodes: %t", allowed)
	return await(ctx, what, componentWithin, func(ctx context.Context) (string, error) {
		review, err := c.client.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{
			Spec: authorizationv1.SubjectAccessReviewSpec{
				User:               "nobody-in-particular",
				ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "delete", Resource: "nodes"},
			},
		}, metav1.CreateOptions{})
		if err != nil {
			return "", err
		}
		if review.Status.Allowed != allowed {
			return fmt.Sprintf("it answers %t: %s", review.Status.Allowed, review.Status.Reason), nil
		}
		return "", nil
	})
}

// WiderNodePorts lets node ports be 20000 to 40000 instead of 30000 to 32767.
func WiderNodePorts() Disturbance {
	return disturbance("wider-node-ports", "lets node ports be 20000 to 40000 instead of 30000 to 32767", func(ctx context.Context, c *change) error {
		c.onUndo(func(ctx context.Context) error { return c.awaitNodePort(ctx, false) })
		err := c.setFlags(ctx, apiServer, func(command []string) []string { return setFlag(command, "service-node-port-range", "20000-40000") })
		if err != nil {
			return err
		}
		return c.awaitNodePort(ctx, true)
	})
}

// awaitNodePort waits until the API server accepts, or refuses, a node port below the default range.
func (c *change) awaitNodePort(ctx context.Context, accepted bool) error {
	const port = 20001
	what := fmt.Sprintf("the node port %d is accepted: %t", port, accepted)
	return await(ctx, what, componentWithin, func(ctx context.Context) (string, error) {
		_, err := c.client.CoreV1().Services(metav1.NamespaceDefault).Create(ctx, &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "noteproof-"},
			Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, Ports: []corev1.ServicePort{{Port: 80, NodePort: port}}},
		}, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		switch {
		case err != nil && !apierrors.IsInvalid(err):
			return "", err
		case (err == nil) != accepted:
			return fmt.Sprint("the API server answers: ", errors.Join(err)), nil
		}
		return "", nil
	})
}

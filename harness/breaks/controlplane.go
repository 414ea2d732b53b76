package breaks

import (
	"context"
	"errors"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SlowNodeMonitor makes the node-lifecycle-controller wait 10 minutes before it marks a node that does not report as lost.
func SlowNodeMonitor() Disturbance {
	return disturbance("slow-node-monitor", "waits 10 minutes instead of 50 s for a silent node", func(ctx context.Context, c *change) error {
		return c.setFlags(ctx, controllerManager, func(command []string) []string {
			return setFlag(command, "node-monitor-grace-period", "10m")
		})
	})
}

// AllowEverybody makes the API server authorize every request. The API server then refuses anonymous requests, so the probes of
// its Pod, which are anonymous, are changed to only connect.
func AllowEverybody() Disturbance {
	return disturbance("allow-everybody", "authorizes every request (--authorization-mode=AlwaysAllow)", func(ctx context.Context, c *change) error {
		c.onUndo(func(ctx context.Context) error { return c.awaitAllowed(ctx, false) })
		err := c.editStaticPod(ctx, apiServer, func(pod *corev1.Pod) error {
			container := &pod.Spec.Containers[0]
			container.Command = setFlag(container.Command, "authorization-mode", "AlwaysAllow")
			for _, probe := range []*corev1.Probe{container.LivenessProbe, container.ReadinessProbe, container.StartupProbe} {
				useTCPProbe(probe)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return c.awaitAllowed(ctx, true)
	})
}

// useTCPProbe replaces an HTTP probe by one that only connects to the same port.
func useTCPProbe(probe *corev1.Probe) {
	if probe == nil || probe.HTTPGet == nil {
		return
	}
	probe.ProbeHandler = corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Host: probe.HTTPGet.Host, Port: probe.HTTPGet.Port}}
}

// AdminForEverybody binds the role cluster-admin to all users that the API server knows.
func AdminForEverybody() Disturbance {
	const name = "noteproof-admin-for-everybody"
	return disturbance("admin-for-everybody", "binds the role cluster-admin to all users", func(ctx context.Context, c *change) error {
		bindings := c.client.RbacV1().ClusterRoleBindings()
		c.onUndo(func(ctx context.Context) error {
			if err := ignoreNotFound(bindings.Delete(ctx, name, metav1.DeleteOptions{})); err != nil {
				return fmt.Errorf("delete ClusterRoleBinding %s: %w", name, err)
			}
			return c.awaitAllowed(ctx, false)
		})
		_, err := bindings.Create(ctx, &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: authenticated}},
		}, metav1.CreateOptions{})
		if err != nil {
			return fmt.Errorf("create ClusterRoleBinding %s: %w", name, err)
		}
		return c.awaitAllowed(ctx, true)
	})
}

// authenticated is the group of all users that the API server knows.
const authenticated = "system:authenticated"

// awaitAllowed waits until the API server allows, or refuses, a request of an unknown user.
func (c *change) awaitAllowed(ctx context.Context, allowed bool) error {
	what := fmt.Sprintf("an unknown user is allowed to delete nodes: %t", allowed)
	return await(ctx, what, componentWithin, func(ctx context.Context) (string, error) {
		review, err := c.client.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{
			Spec: authorizationv1.SubjectAccessReviewSpec{
				User:               "nobody-in-particular",
				Groups:             []string{authenticated},
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

// WiderNodePorts changes the range of node ports from 30000-32767 to 20000-40000.
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

// awaitNodePort waits until the API server accepts, or refuses, a node port below the default range. A dry run does not check
// the range, so a Service is created, and deleted again.
func (c *change) awaitNodePort(ctx context.Context, accepted bool) error {
	const name, port = "noteproof-wider-node-ports", 20001
	services := c.client.CoreV1().Services(metav1.NamespaceDefault)
	what := fmt.Sprintf("the node port %d is accepted: %t", port, accepted)
	return await(ctx, what, componentWithin, func(ctx context.Context) (string, error) {
		_, err := services.Create(ctx, &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, Ports: []corev1.ServicePort{{Port: 80, NodePort: port}}},
		}, metav1.CreateOptions{})
		if err != nil && !apierrors.IsInvalid(err) {
			return "", errors.Join(err, ignoreNotFound(services.Delete(ctx, name, metav1.DeleteOptions{})))
		}
		if err := ignoreNotFound(services.Delete(ctx, name, metav1.DeleteOptions{})); err != nil {
			return "", err
		}
		if (err == nil) != accepted {
			return fmt.Sprintf("accepted: %t", err == nil), nil
		}
		return "", nil
	})
}

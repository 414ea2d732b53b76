package breaks

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// createNamespace creates a namespace and waits until Pods can be created in it, which requires its default service account.
func (c *change) createNamespace(ctx context.Context, name string, labels map[string]string) error {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
	if _, err := c.client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("create namespace %s: %w", name, err)
	}
	return await(ctx, "namespace "+name+" has its default service account", namespaceWithin, func(ctx context.Context) (string, error) {
		_, err := c.client.CoreV1().ServiceAccounts(name).Get(ctx, "default", metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return "it has none yet", nil
		}
		return "", err
	})
}

// deleteNamespace deletes a namespace and waits until it is gone. It returns nil if the namespace does not exist.
func (c *change) deleteNamespace(ctx context.Context, name string) error {
	namespaces := c.client.CoreV1().Namespaces()
	if err := ignoreNotFound(namespaces.Delete(ctx, name, metav1.DeleteOptions{})); err != nil {
		return fmt.Errorf("delete namespace %s: %w", name, err)
	}
	return await(ctx, "namespace "+name+" is gone", namespaceWithin, func(ctx context.Context) (string, error) {
		_, err := namespaces.Get(ctx, name, metav1.GetOptions{})
		if err == nil {
			return "it still exists", nil
		}
		return "", ignoreNotFound(err)
	})
}

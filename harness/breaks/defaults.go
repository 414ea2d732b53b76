package breaks

import (
	"context"
	"fmt"

	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SecondDefaultClass adds a default StorageClass that provisions nothing. Of two defaults the API server takes the newer.
func SecondDefaultClass() Disturbance {
	const name = "noteproof-second-default"
	return disturbance("second-default-class", "adds a default StorageClass that provisions nothing", func(ctx context.Context, c *change) error {
		classes := c.client.StorageV1().StorageClasses()
		c.onUndo(func(ctx context.Context) error {
			if err := gone(classes.Delete(ctx, name, metav1.DeleteOptions{})); err != nil {
				return fmt.Errorf("delete StorageClass %s: %w", name, err)
			}
			return nil
		})
		_, err := classes.Create(ctx, &storagev1.StorageClass{
			ObjectMeta:  metav1.ObjectMeta{Name: name, Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}},
			Provisioner: "noteproof.dev/none",
		}, metav1.CreateOptions{})
		if err != nil {
			return fmt.Errorf("create StorageClass %s: %w", name, err)
		}
		return nil
	})
}

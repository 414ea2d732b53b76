package breaks

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// secondDefault is the name of the StorageClass of SecondDefaultClass.
const secondDefault = "noteproof-second-default"

// SecondDefaultClass adds a default StorageClass that provisions nothing. If there are two defaults, the API server uses the
// newer one.
func SecondDefaultClass() Disturbance {
	return disturbance("second-default-class", "adds a default StorageClass that provisions nothing", func(ctx context.Context, c *change) error {
		classes := c.client.StorageV1().StorageClasses()
		c.onUndo(func(ctx context.Context) error {
			if err := ignoreNotFound(classes.Delete(ctx, secondDefault, metav1.DeleteOptions{})); err != nil {
				return fmt.Errorf("delete StorageClass %s: %w", secondDefault, err)
			}
			return c.awaitSecondDefault(ctx, false)
		})
		_, err := classes.Create(ctx, &storagev1.StorageClass{
			ObjectMeta:  metav1.ObjectMeta{Name: secondDefault, Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}},
			Provisioner: "noteproof.dev/none",
		}, metav1.CreateOptions{})
		if err != nil {
			return fmt.Errorf("create StorageClass %s: %w", secondDefault, err)
		}
		return c.awaitSecondDefault(ctx, true)
	})
}

// awaitSecondDefault creates a claim in dry runs until it gets the second default class, or until it no longer does.
func (c *change) awaitSecondDefault(ctx context.Context, wanted bool) error {
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "noteproof-"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Mi")}},
		},
	}
	claims := c.client.CoreV1().PersistentVolumeClaims(metav1.NamespaceDefault)
	return await(ctx, fmt.Sprintf("%s is the default StorageClass: %t", secondDefault, wanted), policyWithin, func(ctx context.Context) (string, error) {
		created, err := claims.Create(ctx, claim, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if err != nil {
			return "", err
		}
		class := "none"
		if created.Spec.StorageClassName != nil {
			class = *created.Spec.StorageClassName
		}
		if (class == secondDefault) != wanted {
			return "a claim gets the class " + class, nil
		}
		return "", nil
	})
}

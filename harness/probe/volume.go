package probe

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// VolumeClaim is the state of a PersistentVolumeClaim.
type VolumeClaim struct {
	Name   string
	Phase  corev1.PersistentVolumeClaimPhase
	Volume string // the PersistentVolume that it is bound to; empty if there is none
}

func (c VolumeClaim) String() string {
	if c.Volume == "" {
		return fmt.Sprintf("the claim %s is %s", c.Name, c.Phase)
	}
	return fmt.Sprintf("the claim %s is %s to %s", c.Name, c.Phase, c.Volume)
}

// VolumeClaim looks at the PersistentVolumeClaim of this name; the answer is a VolumeClaim.
func (c Cluster) VolumeClaim(name string) Look {
	return look{"PersistentVolumeClaim " + name, func(ctx context.Context) (any, error) {
		claim, err := c.Client.CoreV1().PersistentVolumeClaims(c.Namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return nil, fmt.Errorf("get PersistentVolumeClaim %s: %w", name, err)
		}
		return VolumeClaim{name, claim.Status.Phase, claim.Spec.VolumeName}, nil
	}}
}

// VolumePhases looks at the PersistentVolumes that match a label selector; the answer is a map of names to phases.
func (c Cluster) VolumePhases(selector string) Look {
	return look{"PersistentVolumes " + selector, func(ctx context.Context) (any, error) {
		volumes, err := c.Client.CoreV1().PersistentVolumes().List(ctx, metav1.ListOptions{LabelSelector: selector})
		if err != nil {
			return nil, fmt.Errorf("list PersistentVolumes %s: %w", selector, err)
		}
		phases := map[string]corev1.PersistentVolumePhase{}
		for _, volume := range volumes.Items {
			phases[volume.Name] = volume.Status.Phase
		}
		return phases, nil
	}}
}

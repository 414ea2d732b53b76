package stage

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/noteproof/noteproof/harness/internal/retry"
)

// sweepNodes removes the stage's folder from all nodes: with RemoveOnNode, or by a Pod on each. The Pods are on a stage of their
// own, because those of this one must be gone by then: they could recreate the folder.
func (s *Stage) sweepNodes(ctx context.Context) error {
	var err error
	if s.options.RemoveOnNode != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepCloses)
		defer cancel()
		for _, node := range s.props.Workers {
			err = errors.Join(err, s.options.RemoveOnNode(ctx, node, s.props.nodeFolder()))
		}
	} else {
		err = s.sweepByPods(ctx)
	}
	if err != nil {
		return fmt.Errorf("remove %s from the nodes: %w", s.props.nodeFolder(), err)
	}
	return nil
}

// sweepCloses is how long the removal of the folder without Pods, or of the Pods that removed it, may take, also when ctx has
// ended: the namespace may have taken all of its time.
const sweepCloses = time.Minute

func (s *Stage) sweepByPods(ctx context.Context) error {
	options := s.options
	options.Claim, options.Namespace = options.Claim+".sweep", ""
	cleanup, err := Open(ctx, options)
	if err == nil {
		err = cleanup.removeFolder(ctx, s.props)
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepCloses)
	defer cancel()
	return errors.Join(err, cleanup.Close(closing))
}

func (s *Stage) removeFolder(ctx context.Context, props Props) error {
	pods := s.client.CoreV1().Pods(s.Namespace)
	for _, node := range props.Workers {
		err := retry.Do(ctx, func(ctx context.Context) error {
			_, err := pods.Create(ctx, sweeper(node, props), metav1.CreateOptions{})
			return err
		})
		if err != nil {
			return fmt.Errorf("create the Pod that sweeps node %s: %w", node, err)
		}
	}
	left := ""
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		list, err := pods.List(ctx, metav1.ListOptions{})
		if err != nil {
			left = err.Error()
			return false, nil
		}
		for _, pod := range list.Items {
			if pod.Status.Phase != corev1.PodSucceeded {
				left = fmt.Sprintf("the Pod that sweeps node %s is %s", pod.Spec.NodeName, pod.Status.Phase)
				return false, nil
			}
		}
		return true, nil
	})
	if err != nil {
		return errors.New(left)
	}
	return nil
}

func sweeper(node string, props Props) *corev1.Pod {
	const tmp = "tmp"
	directory := corev1.HostPathDirectory
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "sweeper-"},
		Spec: corev1.PodSpec{
			NodeName: node, RestartPolicy: corev1.RestartPolicyOnFailure,
			Containers: []corev1.Container{{
				Name: "sweeper", Image: props.Image, Command: []string{"rm", "-rf", props.nodeFolder()},
				VolumeMounts: []corev1.VolumeMount{{Name: tmp, MountPath: nodeTmp}},
			}},
			Volumes: []corev1.Volume{{Name: tmp, VolumeSource: corev1.VolumeSource{
				HostPath: &corev1.HostPathVolumeSource{Path: nodeTmp, Type: &directory},
			}}},
		},
	}
}

package breaks

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	utilversion "k8s.io/apimachinery/pkg/util/version"
)

// schedulerConfig is the path of the scheduler's configuration file on the control plane node.
const schedulerConfig = "/etc/kubernetes/noteproof-scheduler.yaml"

// WithoutSchedulerPlugin disables a plugin of the scheduler, such as "NodeResourcesFit" or "NodeAffinity", at all its extension
// points. It needs Kubernetes 1.23 or later, which has multiPoint.
func WithoutSchedulerPlugin(plugin string) Disturbance {
	return disturbance("no-"+plugin, "turns the plugin "+plugin+" of the scheduler off", func(ctx context.Context, c *change) error {
		version, err := c.version()
		if err != nil {
			return err
		}
		node, err := c.controlPlane(ctx)
		if err != nil {
			return err
		}
		c.onUndo(func(ctx context.Context) error {
			_, err := c.run(ctx, node, "rm", "--force", schedulerConfig)
			return err
		})
		const write = `umask 077; printf %s "$2" >"$1"`
		if _, err := c.script(ctx, node, write, schedulerConfig, configWithout(plugin, version)); err != nil {
			return err
		}
		return c.editStaticPod(ctx, scheduler, mountSchedulerConfig)
	})
}

// configWithout returns a scheduler's configuration that disables one plugin of the default profile. The defaults are enabled at
// multiPoint, so they must be disabled there.
func configWithout(plugin string, version *utilversion.Version) string {
	api := "kubescheduler.config.k8s.io/v1"
	if version.LessThan(utilversion.MustParseGeneric("1.25")) {
		api = "kubescheduler.config.k8s.io/v1beta3"
	}
	return fmt.Sprintf(`apiVersion: %s
kind: KubeSchedulerConfiguration
clientConnection: {kubeconfig: /etc/kubernetes/scheduler.conf}
leaderElection: {leaderElect: true}
profiles:
- schedulerName: default-scheduler
  plugins:
    multiPoint:
      disabled: [{name: %s}]
`, api, plugin)
}

// mountSchedulerConfig makes a scheduler read schedulerConfig.
func mountSchedulerConfig(pod *corev1.Pod) error {
	container := &pod.Spec.Containers[0]
	if old := flagValue(container.Command, "config"); old != "" {
		return fmt.Errorf("the scheduler already has a configuration file: %s", old)
	}
	container.Command = setFlag(container.Command, "config", schedulerConfig)
	const volume = "noteproof-config"
	file := corev1.HostPathFile
	pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: volume, VolumeSource: corev1.VolumeSource{
		HostPath: &corev1.HostPathVolumeSource{Path: schedulerConfig, Type: &file},
	}})
	container.VolumeMounts = append(container.VolumeMounts, corev1.VolumeMount{Name: volume, MountPath: schedulerConfig, ReadOnly: true})
	return nil
}

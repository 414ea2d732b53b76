package probe

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestPodProblem(t *testing.T) {
	type pod = *corev1.Pod
	condition := func(kind corev1.PodConditionType, status corev1.ConditionStatus, reason, message string) corev1.PodCondition {
		return corev1.PodCondition{Type: kind, Status: status, Reason: reason, Message: message}
	}
	conditions := func(all ...corev1.PodCondition) func(pod) { return func(p pod) { p.Status.Conditions = all } }
	isReady := func(ready, containers corev1.ConditionStatus) func(pod) {
		return conditions(condition(corev1.PodReady, ready, "", ""), condition(corev1.ContainersReady, containers, "", ""))
	}
	unscheduled := func(conditions ...corev1.PodCondition) func(pod) {
		return func(p pod) {
			p.Spec.NodeName = ""
			p.Status = corev1.PodStatus{Phase: corev1.PodPending, Conditions: conditions}
		}
	}
	failed := func(reason, message string) func(pod) {
		return func(p pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodFailed, Reason: reason, Message: message}
		}
	}
	web := func(state corev1.ContainerState) func(pod) {
		return func(p pod) {
			p.Status.Conditions = nil
			p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "web", State: state}}
		}
	}
	waits := func(reason, message string) func(pod) {
		return web(corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}})
	}
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	ended := func(reason string, code int32) corev1.ContainerState {
		return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: reason, ExitCode: code}}
	}
	initially := func(state corev1.ContainerState, policy *corev1.ContainerRestartPolicy) func(pod) {
		return func(p pod) {
			waits("PodInitializing", "")(p)
			p.Spec.InitContainers = []corev1.Container{{Name: "setup", RestartPolicy: policy}}
			p.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "setup", State: state}}
		}
	}
	always := corev1.ContainerRestartPolicyAlways
	volumes := func(names ...string) func(pod) {
		return func(p pod) {
			for _, name := range names {
				p.Spec.Volumes = append(p.Spec.Volumes, corev1.Volume{Name: name})
			}
		}
	}
	deleted := func(p pod) { p.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)} }
	all := func(changes ...func(pod)) func(pod) {
		return func(p pod) {
			for _, change := range changes {
				change(p)
			}
		}
	}
	probed := func(startup, readiness bool, started *bool) func(pod) {
		return func(p pod) {
			web(running)(p)
			if startup {
				p.Spec.Containers[0].StartupProbe = &corev1.Probe{}
			}
			if readiness {
				p.Spec.Containers[0].ReadinessProbe = &corev1.Probe{}
			}
			p.Status.ContainerStatuses[0].Started = started
		}
	}
	yes, no := true, false
	for name, test := range map[string]struct {
		change func(pod)
		want   string
	}{
		"ready":                  {func(pod) {}, ""},
		"ended with success":     {all(web(ended("Completed", 0)), func(p pod) { p.Status.Phase = corev1.PodSucceeded }), ""},
		"unschedulable":          {unscheduled(condition(corev1.PodScheduled, corev1.ConditionFalse, "Unschedulable", "0/3 nodes are available")), "it cannot be scheduled: 0/3 nodes are available"},
		"unbound claim":          {unscheduled(condition(corev1.PodScheduled, corev1.ConditionFalse, "Unschedulable", `persistentvolumeclaim "x" not found`)), `it cannot be scheduled: persistentvolumeclaim "x" not found`},
		"gated":                  {unscheduled(condition(corev1.PodScheduled, corev1.ConditionFalse, "SchedulingGated", "gate a")), "a scheduling gate holds it back: gate a"},
		"not looked at":          {unscheduled(), "no scheduler has looked at it yet"},
		"new":                    {func(p pod) { *p = corev1.Pod{} }, "no scheduler has looked at it yet"},
		"not started":            {func(p pod) { p.Status = corev1.PodStatus{Phase: corev1.PodPending} }, "the kubelet of node alpha has not started it yet"},
		"pull":                   {waits("ErrImagePull", "dial tcp: no route to host"), "container web: the image agnhost:1 cannot be pulled (ErrImagePull): dial tcp: no route to host"},
		"pull again":             {waits("ImagePullBackOff", ""), "container web: the image agnhost:1 cannot be pulled (ImagePullBackOff)"},
		"never pull":             {waits("ErrImageNeverPull", "not present"), "container web: the image agnhost:1 is not on the node, and must not be pulled (ErrImageNeverPull): not present"},
		"image name":             {waits("InvalidImageName", "couldn't parse"), "container web: the image agnhost:1 has no valid name (InvalidImageName): couldn't parse"},
		"image unreadable":       {waits("ImageInspectError", ""), "container web: the image agnhost:1 cannot be read (ImageInspectError)"},
		"config":                 {waits("CreateContainerConfigError", `secret "x" not found`), `container web cannot be created (CreateContainerConfigError): secret "x" not found`},
		"creation":               {waits("CreateContainerError", ""), "container web cannot be created (CreateContainerError)"},
		"start":                  {waits("RunContainerError", "no such file"), "container web cannot be started (RunContainerError): no such file"},
		"another reason":         {waits("Odd", "why"), "container web waits (Odd): why"},
		"crash loop":             {all(waits("CrashLoopBackOff", "back-off 10s"), func(p pod) { p.Status.ContainerStatuses[0].LastTerminationState = ended("OOMKilled", 137) }), "container web crashes again and again: OOMKilled, exit code 137"},
		"crash loop, no past":    {waits("CrashLoopBackOff", "back-off 10s"), "container web crashes again and again: back-off 10s"},
		"creating":               {all(waits("ContainerCreating", ""), volumes("kube-api-access-x")), "container web is not created yet"},
		"waits for a volume":     {all(waits("ContainerCreating", ""), volumes("kube-api-access-x", "data")), "container web is not created yet: it waits for a volume (data) or for the Pod's network"},
		"has its volume":         {all(waits("ContainerCreating", ""), volumes("data"), conditions(condition(corev1.PodReadyToStartContainers, corev1.ConditionTrue, "", ""))), "container web is not created yet"},
		"no state":               {web(corev1.ContainerState{}), "container web is not created yet"},
		"ended":                  {web(ended("Error", 1)), "container web ended: Error, exit code 1"},
		"failed":                 {all(web(ended("Error", 1)), func(p pod) { p.Status.Phase = corev1.PodFailed }), "container web ended: Error, exit code 1"},
		"readiness":              {probed(false, true, &yes), "container web runs, but its readiness probe does not succeed"},
		"startup":                {probed(true, true, &no), "container web runs, but its startup probe has not succeeded"},
		"startup not reported":   {probed(true, true, nil), "container web runs, but its startup probe has not succeeded"},
		"readiness after start":  {probed(true, true, &yes), "container web runs, but its readiness probe does not succeed"},
		"not ready, no probe":    {probed(false, false, &yes), "container web runs, but is not ready"},
		"init container runs":    {initially(running, nil), "init container setup has not ended yet"},
		"init container failed":  {initially(ended("Error", 2), nil), "init container setup ended: Error, exit code 2"},
		"init container ended":   {initially(ended("Completed", 0), nil), "container web is not created yet"},
		"sidecar runs":           {initially(running, &always), "init container setup runs, but is not ready"},
		"sidecar ended":          {initially(ended("Completed", 0), &always), "init container setup ended: Completed, exit code 0"},
		"evicted":                {failed("Evicted", "The node was low on resource: memory."), "it was evicted from node alpha: The node was low on resource: memory."},
		"out of memory":          {failed("OutOfmemory", "Node didn't have enough resource: memory"), "node alpha has not enough memory for it: Node didn't have enough resource: memory"},
		"out of cpu":             {failed("OutOfcpu", ""), "node alpha has not enough cpu for it"},
		"preempted by kubelet":   {failed("Preempting", "for a critical pod"), "it was preempted on node alpha: for a critical pod"},
		"shut down":              {failed("NodeShutdown", "Pod was rejected"), "node alpha was shut down: Pod was rejected"},
		"ended by a shutdown":    {failed("Terminated", ""), "node alpha was shut down"},
		"another refusal":        {failed("NodeAffinity", "Predicate failed"), "it is Failed (NodeAffinity): Predicate failed"},
		"deleted":                {deleted, "it is being deleted"},
		"preempted by scheduler": {all(deleted, conditions(condition(corev1.DisruptionTarget, corev1.ConditionTrue, "PreemptionByScheduler", "to make room"))), "it was preempted on node alpha: to make room"},
		"deleted by taint":       {all(deleted, conditions(condition(corev1.DisruptionTarget, corev1.ConditionTrue, "DeletionByTaintManager", "NoExecute"))), "it is being deleted (DeletionByTaintManager): NoExecute"},
		"node lost":              {isReady(corev1.ConditionFalse, corev1.ConditionTrue), "its node alpha does not report"},
		"node lost, deleted":     {all(deleted, isReady(corev1.ConditionFalse, corev1.ConditionTrue)), "its node alpha does not report"},
		"ready is unknown":       {isReady(corev1.ConditionUnknown, corev1.ConditionFalse), "its node alpha does not report"},
		"phase is unknown":       {func(p pod) { p.Status.Phase = corev1.PodUnknown }, "its node alpha does not report"},
		"reason is NodeLost":     {failed("NodeLost", ""), "its node alpha does not report"},
		"readiness gate": {all(isReady(corev1.ConditionFalse, corev1.ConditionTrue), func(p pod) {
			p.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "example.com/gate"}}
		}), "its readiness gate is not met: example.com/gate"},
		"two containers": {all(waits("ErrImagePull", ""), func(p pod) {
			p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, corev1.ContainerStatus{Name: "db", Image: "db:1", State: ended("Error", 1)})
		}), "container web: the image agnhost:1 cannot be pulled (ErrImagePull); container db ended: Error, exit code 1"},
	} {
		t.Run(name, func(t *testing.T) {
			p := &corev1.Pod{
				Spec: corev1.PodSpec{NodeName: "alpha", Containers: []corev1.Container{{Name: "web", Image: "agnhost:1"}}},
				Status: corev1.PodStatus{
					Phase:             corev1.PodRunning,
					Conditions:        []corev1.PodCondition{condition(corev1.PodReady, corev1.ConditionTrue, "", "")},
					ContainerStatuses: []corev1.ContainerStatus{{Name: "web", Ready: true, State: running}},
				},
			}
			test.change(p)
			NewWithT(t).Expect(PodProblem(p)).To(Equal(test.want))
		})
	}
}

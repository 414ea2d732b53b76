package verdict_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/internal/verdict"
)

func TestNodeProblem(t *testing.T) {
	ready := corev1.NodeCondition{Type: corev1.NodeReady, Status: corev1.ConditionTrue}
	for name, c := range map[string]struct {
		conditions []corev1.NodeCondition
		want       string
	}{
		"ready": {[]corev1.NodeCondition{ready}, ""},
		"not reporting": {[]corev1.NodeCondition{{
			Type: corev1.NodeReady, Status: corev1.ConditionUnknown, Reason: "NodeStatusUnknown", Message: "Kubelet stopped posting node status.",
		}}, "is not Ready: NodeStatusUnknown Kubelet stopped posting node status."},
		"under pressure": {[]corev1.NodeCondition{
			{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionTrue, Message: "kubelet has insufficient memory available"}, ready,
		}, "is under pressure: MemoryPressure: kubelet has insufficient memory available"},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(verdict.NodeProblem(&corev1.Node{Status: corev1.NodeStatus{Conditions: c.conditions}})).To(Equal(c.want))
		})
	}
}

func TestNodeChange(t *testing.T) {
	tainted := func(key string, effect corev1.TaintEffect) corev1.Node {
		return corev1.Node{Spec: corev1.NodeSpec{Taints: []corev1.Taint{{Key: key, Effect: effect}}}}
	}
	booted := func(id string) corev1.Node {
		return corev1.Node{Status: corev1.NodeStatus{NodeInfo: corev1.NodeSystemInfo{BootID: id}}}
	}
	cordoned := corev1.Node{Spec: corev1.NodeSpec{Unschedulable: true}}
	for name, c := range map[string]struct {
		before, now corev1.Node
		want        string
	}{
		"nothing":               {corev1.Node{}, corev1.Node{}, ""},
		"a reboot":              {booted("a"), booted("b"), "was rebooted during the run"},
		"no reboot":             {booted("a"), booted("a"), ""},
		"newly cordoned":        {corev1.Node{}, cordoned, "was cordoned during the run"},
		"cordoned before":       {cordoned, cordoned, ""},
		"uncordoned":            {cordoned, corev1.Node{}, ""},
		"a new taint":           {corev1.Node{}, tainted("drain", corev1.TaintEffectNoExecute), "was given the taint drain:NoExecute during the run"},
		"an old taint":          {tainted("gpu", corev1.TaintEffectNoSchedule), tainted("gpu", corev1.TaintEffectNoSchedule), ""},
		"a preference":          {corev1.Node{}, tainted("spare", corev1.TaintEffectPreferNoSchedule), ""},
		"Kubernetes' own taint": {corev1.Node{}, tainted(corev1.TaintNodeUnreachable, corev1.TaintEffectNoExecute), ""},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(verdict.NodeChange(&c.before, &c.now)).To(Equal(c.want))
		})
	}
}

func daemonSet(name string, ready, desired int32) appsv1.DaemonSet {
	return appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: appsv1.DaemonSetStatus{NumberReady: ready, DesiredNumberScheduled: desired}}
}

func troubles(deployments []appsv1.Deployment, sets ...appsv1.DaemonSet) []verdict.PartTrouble {
	_, all := verdict.PartTroubles(at(5), sets, deployments, nil)
	return all
}

func TestPartTroublesNamesWhatItFound(t *testing.T) {
	g := NewWithT(t)
	for _, label := range []string{"app", "app.kubernetes.io/name"} {
		metallb := daemonSet("speaker", 3, 3)
		metallb.Spec.Template.Labels = map[string]string{label: "metallb"}
		present, troubles := verdict.PartTroubles(at(5), []appsv1.DaemonSet{daemonSet("kube-flannel-ds", 3, 3), daemonSet("rke2-canal", 3, 3), daemonSet("exporter", 0, 3), metallb}, nil, nil)
		g.Expect(present).To(Equal([]verdict.Part{verdict.PodNetwork, verdict.Balancer}))
		g.Expect(troubles).To(BeEmpty())
	}
}

func TestASpareWorkerExplainsOnlyWhatIsMissingOnIt(t *testing.T) {
	g := NewWithT(t)
	proxy := daemonSet("kube-proxy", 2, 4)
	proxy.UID = "proxy"
	onSpare := []corev1.Pod{
		{ObjectMeta: metav1.ObjectMeta{Name: "lost", OwnerReferences: []metav1.OwnerReference{{UID: "proxy", Controller: new(true)}}}},
		{ObjectMeta: metav1.ObjectMeta{Name: "another's", OwnerReferences: []metav1.OwnerReference{{UID: "other", Controller: new(true)}}}},
	}
	_, troubles := verdict.PartTroubles(at(5), []appsv1.DaemonSet{proxy}, nil, onSpare)
	g.Expect(troubles).To(HaveExactElements(HaveField("Nodes", 1)))
	proxy.Status.NumberReady = 3
	_, troubles = verdict.PartTroubles(at(5), []appsv1.DaemonSet{proxy}, nil, onSpare)
	g.Expect(troubles).To(BeEmpty())

	lost := verdict.NodeTrouble{Node: "spare", Why: "is not Ready"}
	g.Expect(verdict.Problems(verdict.Facts{Nodes: []verdict.NodeTrouble{lost}, Spare: "spare"})).To(BeEmpty())
	g.Expect(verdict.Problems(verdict.Facts{Nodes: []verdict.NodeTrouble{lost, {Node: "w1", Why: "is not Ready"}}, Spare: "spare"})).To(ConsistOf("node w1 is not Ready"))
}

func TestKubeProxyInStaticPods(t *testing.T) {
	g := NewWithT(t)
	pod := func(name string, ready corev1.ConditionStatus) corev1.Pod {
		return corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PodSpec{NodeName: "w1"},
			Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: ready}}},
		}
	}
	present, troubles := verdict.ProxyTroubles(at(5), []corev1.Pod{pod("kube-proxy-cp", corev1.ConditionTrue), pod("kube-proxy-w1", corev1.ConditionFalse)})
	g.Expect(present).To(BeTrue())
	g.Expect(troubles).To(Equal([]verdict.PartTrouble{{Part: verdict.ServiceProxy, Why: "kube-proxy: Pod kube-proxy-w1 is not ready on node w1", At: at(5), Nodes: 1}}))
	present, troubles = verdict.ProxyTroubles(at(5), nil)
	g.Expect(present).To(BeFalse())
	g.Expect(troubles).To(BeEmpty())
}

func TestProblems(t *testing.T) {
	waiting := func(reason string) corev1.Pod {
		return corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: corev1.PodSpec{NodeName: "w1"},
			Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Image: "agnhost", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: "not found"}}}}},
		}
	}
	dns := func(ready, replicas int32) appsv1.Deployment {
		return appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "coredns"}, Status: appsv1.DeploymentStatus{Replicas: replicas, ReadyReplicas: ready}}
	}
	taken := func(reason string, at time.Time) corev1.Event {
		return corev1.Event{Reason: reason, Message: "by another Pod", LastTimestamp: metav1.NewTime(at), InvolvedObject: corev1.ObjectReference{Kind: "Pod", Name: "web"}}
	}
	owned := func(name, owner string) appsv1.ReplicaSet {
		controller := true
		return appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Name: name, OwnerReferences: []metav1.OwnerReference{{Name: owner, Controller: &controller}}}}
	}
	seconds := int64(300)
	stays, waits := corev1.Toleration{Operator: corev1.TolerationOpExists}, corev1.Toleration{
		Key: corev1.TaintNodeUnreachable, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: &seconds,
	}
	template := func(tolerations ...corev1.Toleration) appsv1.ReplicaSet {
		set := appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{UID: "set"}}
		set.Spec.Template.Spec = corev1.PodSpec{Containers: []corev1.Container{{Name: "main"}}, Tolerations: tolerations}
		return set
	}
	admitted := func(containers []string, tolerations ...corev1.Toleration) corev1.Pod {
		controller := true
		pod := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "web", OwnerReferences: []metav1.OwnerReference{{UID: "set", Controller: &controller}}}}
		pod.Spec = corev1.PodSpec{Containers: []corev1.Container{{Name: "main"}}, Tolerations: tolerations}
		for _, name := range containers {
			pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: name})
		}
		return pod
	}
	killed := func(limits corev1.ResourceList) corev1.Pod {
		end := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "OOMKilled", ExitCode: 137}}
		return corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "web"},
			Spec:       corev1.PodSpec{NodeName: "w1", Containers: []corev1.Container{{Name: "main", Resources: corev1.ResourceRequirements{Limits: limits}}}},
			Status:     corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: "main", LastTerminationState: end}}},
		}
	}
	all := map[verdict.Part]time.Time{verdict.DNS: at(5), verdict.ServiceProxy: at(5), verdict.PodNetwork: at(5)}
	deny := []networkingv1.NetworkPolicy{{ObjectMeta: metav1.ObjectMeta{Name: "deny"}}}
	for name, c := range map[string]struct {
		facts verdict.Facts
		want  string // a part of the only problem; empty for none
	}{
		"a busy machine":         {verdict.Facts{Crowd: 11.9}, ""},
		"a machine short of CPU": {verdict.Facts{Crowd: 15.2}, "short of CPU: on average 15 runnable threads for each processor"},
		"healthy": {verdict.Facts{
			Parts:  troubles([]appsv1.Deployment{dns(2, 2)}, daemonSet("kube-proxy", 3, 3), daemonSet("podroutes", 3, 3)),
			Relies: all, Pods: []corev1.Pod{waiting("CrashLoopBackOff"), waiting("ContainerCreating")},
		}, ""},
		"killed over its own limit":        {verdict.Facts{Pods: []corev1.Pod{killed(corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("1Mi")})}}, ""},
		"killed without a limit":           {verdict.Facts{Pods: []corev1.Pod{killed(nil)}}, "container main, which has no memory limit, was killed because node w1 ran out of memory"},
		"an operator of the CNI":           {verdict.Facts{Relies: all, Parts: troubles(nil, daemonSet("cilium-operator", 1, 2))}, ""},
		"an outage at that time":           {verdict.Facts{From: at(0), To: at(9), Outages: []verdict.Outage{{What: "the API server did not answer", From: at(3), To: at(5), Why: "connection refused"}}}, "the API server did not answer for 2.0 s: connection refused"},
		"an outage that continues":         {verdict.Facts{From: at(0), To: at(9), Outages: []verdict.Outage{{What: "it did not answer", From: at(8), To: at(12)}}}, "did not answer for 4.0 s"},
		"an outage before":                 {verdict.Facts{From: at(4), To: at(9), Outages: []verdict.Outage{{From: at(1), To: at(3)}}}, ""},
		"an outage after":                  {verdict.Facts{From: at(4), To: at(9), Outages: []verdict.Outage{{From: at(10), To: at(13)}}}, ""},
		"a leader that stopped":            {verdict.Facts{From: at(0), To: at(9), Outages: []verdict.Outage{{What: "kube-scheduler did not renew its Lease", From: at(0), To: at(9)}}}, "kube-scheduler did not renew its Lease for 9.0 s"},
		"a node in trouble":                {verdict.Facts{Nodes: []verdict.NodeTrouble{{Node: "w1", Why: "was removed"}}}, "node w1 was removed"},
		"a node that the scenario stopped": {verdict.Facts{Nodes: []verdict.NodeTrouble{{Node: "w1", Why: "is not Ready"}}, Stopped: []string{"w1"}}, ""},
		"an image that cannot be pulled":   {verdict.Facts{Pods: []corev1.Pod{waiting("ErrImagePull")}}, "Pod web: the image agnhost is not available on node w1: ErrImagePull: not found"},
		"a Pod on a node that was stopped": {verdict.Facts{Pods: []corev1.Pod{waiting("ErrImagePull")}, Stopped: []string{"w1"}}, ""},
		"a preempted Pod": {verdict.Facts{Pods: []corev1.Pod{{Status: corev1.PodStatus{Conditions: []corev1.PodCondition{
			{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "PreemptionByScheduler", Message: "preempting to accommodate a higher priority pod"},
		}}}}}, "PreemptionByScheduler: preempting"},
		"an evicted Pod": {verdict.Facts{Pods: []corev1.Pod{{Status: corev1.PodStatus{Reason: "Evicted", Message: "low on memory"}}}}, "Evicted: low on memory"},
		"Pods that a quota rejects": {verdict.Facts{ReplicaSets: []appsv1.ReplicaSet{{
			ObjectMeta: metav1.ObjectMeta{Name: "web-1"}, Status: appsv1.ReplicaSetStatus{Conditions: []appsv1.ReplicaSetCondition{
				{Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: "exceeded quota"},
			}},
		}}}, "ReplicaSet web-1 cannot create its Pods: FailedCreate: exceeded quota"},
		"kube-proxy is not ready":                            {verdict.Facts{Relies: all, Parts: troubles(nil, daemonSet("kube-proxy", 2, 3))}, "kube-proxy: DaemonSet kube-proxy is ready on 2 of 3 nodes"},
		"no look went through kube-proxy":                    {verdict.Facts{Relies: map[verdict.Part]time.Time{verdict.PodNetwork: {}}, Parts: troubles(nil, daemonSet("kube-proxy", 2, 3))}, ""},
		"kube-proxy was not ready before":                    {verdict.Facts{Relies: map[verdict.Part]time.Time{verdict.ServiceProxy: at(6)}, Parts: troubles(nil, daemonSet("kube-proxy", 2, 3))}, ""},
		"kube-proxy leaves a node out":                       {verdict.Facts{Relies: all, Parts: troubles(nil, daemonSet("kube-proxy", 2, 2))}, ""},
		"kube-proxy on a stopped node":                       {verdict.Facts{Relies: all, Stopped: []string{"w1"}, Parts: troubles(nil, daemonSet("kube-proxy", 2, 3))}, ""},
		"the CNI is not ready":                               {verdict.Facts{Relies: all, Parts: troubles(nil, daemonSet("calico-node", 0, 3))}, "the CNI: DaemonSet calico-node"},
		"DNS has no Pod":                                     {verdict.Facts{Relies: all, Parts: troubles([]appsv1.Deployment{dns(0, 0)})}, "DNS: Deployment coredns has 0 of 0 Pods ready"},
		"one Pod of DNS is not ready":                        {verdict.Facts{Relies: all, Parts: troubles([]appsv1.Deployment{dns(1, 2)})}, "1 of 2 Pods ready"},
		"something else is not ready":                        {verdict.Facts{Relies: all, Parts: troubles(nil, daemonSet("exporter", 0, 3))}, ""},
		"a scheduler that cannot be watched, and an absence": {verdict.Facts{Absence: true, Unwatched: []string{"kube-scheduler"}}, "whether kube-scheduler worked is unknown"},
		"a scheduler that cannot be watched":                 {verdict.Facts{Unwatched: []string{"kube-scheduler"}}, ""},
		"parts that cannot be listed":                        {verdict.Facts{UnknownParts: "forbidden", Relies: all}, "whether DNS, kube-proxy and the CNI worked is unknown: forbidden"},
		"parts that nothing went through":                    {verdict.Facts{UnknownParts: "forbidden"}, ""},
		"a Pod that was preempted and is gone":               {verdict.Facts{From: at(2), Events: []corev1.Event{taken("Preempted", at(3))}}, "Pod web: Preempted: by another Pod"},
		"a Pod that was preempted, by the cluster's clock":   {verdict.Facts{From: at(2), Events: []corev1.Event{taken("Preempted", at(1))}}, "Preempted: by another Pod"},
		"a Pod that the descheduler took away":               {verdict.Facts{Events: []corev1.Event{{Reason: "LowNodeUtilization", Action: "Descheduled"}}}, "LowNodeUtilization"},
		"a Deployment that was rolled out again":             {verdict.Facts{ReplicaSets: []appsv1.ReplicaSet{owned("web-1", "web"), owned("other-1", "other"), owned("web-2", "web")}}, "Deployment web was given another Pod template"},
		"Pods as their templates say":                        {verdict.Facts{Pods: []corev1.Pod{admitted(nil, waits)}, ReplicaSets: []appsv1.ReplicaSet{template()}}, ""},
		"a Pod with an injected container":                   {verdict.Facts{Pods: []corev1.Pod{admitted([]string{"proxy"})}, ReplicaSets: []appsv1.ReplicaSet{template()}}, "Pod web was given the container proxy by admission"},
		"a Pod that stays on a lost node":                    {verdict.Facts{Pods: []corev1.Pod{admitted(nil, stays)}, ReplicaSets: []appsv1.ReplicaSet{template()}}, "Pod web was given an unlimited toleration of the taint node.kubernetes.io/unreachable"},
		"a Pod that is to stay on a lost node":               {verdict.Facts{Pods: []corev1.Pod{admitted(nil, stays)}, ReplicaSets: []appsv1.ReplicaSet{template(stays)}}, ""},
		"Deployments":                                        {verdict.Facts{ReplicaSets: []appsv1.ReplicaSet{owned("web-1", "web"), owned("other-1", "other"), {}}}, ""},
		"somebody's network policy":                          {verdict.Facts{Relies: all, Policies: deny}, "network policy deny"},
		"somebody's network policy, and no request":          {verdict.Facts{Policies: []networkingv1.NetworkPolicy{{}}}, ""},
		"a network policy of every namespace":                {verdict.Facts{Relies: all, Policies: deny, Usual: verdict.Additions{Policies: []string{"deny"}}}, ""},
		"a container of every Pod":                           {verdict.Facts{Pods: []corev1.Pod{admitted([]string{"proxy"})}, ReplicaSets: []appsv1.ReplicaSet{template()}, Usual: verdict.Additions{Containers: []string{"proxy"}}}, ""},
		"a toleration of every Pod":                          {verdict.Facts{Pods: []corev1.Pod{admitted(nil, stays)}, ReplicaSets: []appsv1.ReplicaSet{template()}, Usual: verdict.Additions{Tolerations: true}}, ""},
		"an event of another kind":                           {verdict.Facts{From: at(2), Events: []corev1.Event{taken("BackOff", at(3))}}, ""},
		"a Pod that left the node that was stopped":          {verdict.Facts{From: at(2), Stopped: []string{"w1"}, Events: []corev1.Event{taken("TaintManagerEviction", at(3))}}, ""},
		"a failed observation":                               {verdict.Facts{Unknown: []string{"list Pods: timeout"}}, "list Pods: timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			problems := verdict.Problems(c.facts)
			if c.want == "" {
				g.Expect(problems).To(BeEmpty())
				return
			}
			g.Expect(problems).To(ConsistOf(ContainSubstring(c.want)))
		})
	}
}

func TestAdded(t *testing.T) {
	g := NewWithT(t)
	facts := verdict.Facts{
		Relies:   map[verdict.Part]time.Time{verdict.PodNetwork: {}},
		Policies: []networkingv1.NetworkPolicy{{ObjectMeta: metav1.ObjectMeta{Name: "deny"}}},
		Pods: []corev1.Pod{{Spec: corev1.PodSpec{
			Containers:  []corev1.Container{{Name: "main"}, {Name: "proxy"}},
			Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists}},
		}}},
	}
	g.Expect(verdict.Added(facts)).To(BeEmpty(), "what was not found out before counts as trouble")
	facts.Usual = verdict.Additions{Containers: []string{"proxy"}, Policies: []string{"deny"}, Tolerations: true}
	g.Expect(verdict.Added(facts)).To(ConsistOf("namespaces are given the network policy deny", "the container proxy is injected into Pods",
		"Pods are given an unlimited toleration of the taint node.kubernetes.io/unreachable"))
	g.Expect(verdict.Added(verdict.Facts{Usual: facts.Usual})).To(BeEmpty(), "the claim has nothing of it")
	facts.Relies = nil
	g.Expect(verdict.Added(facts)).NotTo(ContainElement(ContainSubstring("network policy")), "no look went through the network")
}

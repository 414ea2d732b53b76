package lab

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/probe"
)

// survey finds out what claims can expect of an existing cluster: what the account may do, whether namespaces go, what Pods must be like,
// and whether their image can be had. Each obstacle is logged once, and fails nothing: claims that it concerns are not run.
func (l *Lab) survey(ctx context.Context, client kubernetes.Interface) {
	if l.hanging = unavailableAPIs(client.Discovery()); l.hanging != "" {
		l.log.Say("!  %s: no namespace goes completely until it does, or until its APIService is deleted. Namespaces of the run are deleted "+
			"and emptied, and not waited for", l.hanging)
	}
	may := askRights(ctx, client)
	if lacking := may.lacking(); len(lacking) > 0 {
		l.log.Say("!  the account may not %s: claims that need this are not run", strings.Join(lacking, ", "))
	}
	if !may.all(createNamespaces, deleteNamespaces) {
		l.unusable = "the account may not create and delete namespaces: noteproof works in those of its own only"
		l.log.Say("!  no claim can be run: %s", l.unusable)
		return
	}
	if l.noPods == "" {
		l.tryPods(ctx, client)
	}
	if l.noPods != "" {
		l.log.Say("!  no claim with Pods can be run: %s", l.noPods)
	}
}

// unavailableAPIs returns which aggregated APIs do not answer, as the namespace controller finds out before it removes a namespace; empty
// if all do.
func unavailableAPIs(client discovery.DiscoveryInterface) string {
	_, _, err := client.ServerGroupsAndResources()
	failed, ok := discovery.GroupDiscoveryFailedErrorGroups(err)
	if !ok {
		return ""
	}
	var names []string
	for group := range failed {
		names = append(names, group.String())
	}
	slices.Sort(names)
	return fmt.Sprintf("the API %s does not answer (see kubectl get apiservices)", strings.Join(names, ", "))
}

// right is something that an account may be allowed to do.
type right struct {
	says string
	what authorizationv1.ResourceAttributes
}

var (
	createNamespaces = right{"create namespaces", authorizationv1.ResourceAttributes{Verb: "create", Resource: "namespaces"}}
	deleteNamespaces = right{"delete namespaces", authorizationv1.ResourceAttributes{Verb: "delete", Resource: "namespaces"}}
)

// rights are those that some claim or the record needs.
var rights = [...]right{
	createNamespaces, deleteNamespaces,
	{"run commands in Pods", authorizationv1.ResourceAttributes{Verb: "create", Resource: "pods", Subresource: "exec", Namespace: "np-probe-rights"}},
	{"act as other users", authorizationv1.ResourceAttributes{Verb: "impersonate", Resource: "users"}},
	{"list the Pods of all namespaces", authorizationv1.ResourceAttributes{Verb: "list", Resource: "pods"}},
	{"list the Leases of kube-system", authorizationv1.ResourceAttributes{Verb: "list", Group: "coordination.k8s.io", Resource: "leases", Namespace: metav1.NamespaceSystem}},
	{"list storage classes", authorizationv1.ResourceAttributes{Verb: "list", Group: "storage.k8s.io", Resource: "storageclasses"}},
}

// account is what an account may do, of what could be found out.
type account map[right]bool

func askRights(ctx context.Context, client kubernetes.Interface) account {
	may := account{}
	for _, r := range rights {
		what := r.what
		review, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx,
			&authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &what}}, metav1.CreateOptions{})
		if err == nil {
			may[r] = review.Status.Allowed
		}
	}
	return may
}

// lacking returns what the account may not do.
func (a account) lacking() []string {
	var says []string
	for _, r := range rights {
		if allowed, known := a[r]; known && !allowed {
			says = append(says, r.says)
		}
	}
	return says
}

// all returns whether the account may do all of these, or that is not known.
func (a account) all(wanted ...right) bool {
	return !slices.ContainsFunc(wanted, func(r right) bool {
		allowed, known := a[r]
		return known && !allowed
	})
}

// tryPods finds out in a namespace of its own what Pods must be like, and whether those of the workload image start.
func (l *Lab) tryPods(ctx context.Context, client kubernetes.Interface) {
	namespace, err := stage.Open(ctx, stage.Options{
		Claim: "probe.pods", Run: l.id, Client: client, Within: pullWithin + 2*l.settings.timeouts.Cleanup, Hanging: l.hanging != "",
	})
	l.closing.Go(func() {
		<-l.surveyed
		ctx, cancel := context.WithTimeout(l.cleaning, l.settings.timeouts.Cleanup)
		defer cancel()
		l.notClosed = namespace.Close(ctx)
	})
	defer close(l.surveyed)
	if err != nil {
		if probe.RefusedByCluster(err) {
			l.unusable = "the cluster does not allow a namespace of noteproof: " + err.Error()
		}
		l.log.Say("!  whether Pods can run could not be found out: %v", err)
		return
	}
	pods := client.CoreV1().Pods(namespace.Namespace)
	try := func(a stage.Adaptation, options metav1.CreateOptions, name, node string) (*corev1.Pod, error) {
		pod, err := probePod(l.cluster.image, name, node, a)
		if err != nil {
			return nil, err
		}
		return pods.Create(ctx, pod, options)
	}
	adaptation, refused := acceptedPods(*l.props.Adaptation, func(a stage.Adaptation) error {
		_, err := try(a, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}, "probe", "")
		return err
	})
	if refused != nil && adaptation == nil {
		l.noPods = "the cluster refuses even a Pod that is adapted to Pod Security and to quotas: " + refused.Error()
		return
	}
	if refused != nil {
		l.adapted("the cluster refuses Pods as manifests have them: "+policyWords(refused), "Pods get "+additions(*adaptation))
	}
	if adaptation != nil {
		*l.props.Adaptation = *adaptation
	}
	nodes := l.props.Workers[:min(2, len(l.props.Workers))] // those that manifests name
	if len(nodes) == 0 {
		nodes = []string{""}
	}
	for i, node := range nodes {
		pod, err := try(*l.props.Adaptation, metav1.CreateOptions{}, fmt.Sprintf("probe-%d", i), node)
		if err != nil {
			l.noPods = err.Error()
			return
		}
		if i == 0 {
			l.tellChanges(pod)
		}
	}
	var last []corev1.Pod
	l.noPods = awaitImage(ctx, func(ctx context.Context) ([]corev1.Pod, error) {
		list, err := pods.List(ctx, metav1.ListOptions{})
		if err != nil {
			return nil, err
		}
		last = list.Items
		return last, nil
	}, l.settings.timeouts.Poll)
	l.imageDigest = imageDigest(last)
	if policies, err := client.NetworkingV1().NetworkPolicies(namespace.Namespace).List(ctx, metav1.ListOptions{}); err == nil {
		l.tellPolicies(policies.Items)
	}
}

// tellPolicies tells which network policies the cluster adds to a namespace.
func (l *Lab) tellPolicies(policies []networkingv1.NetworkPolicy) {
	var names []string
	for i := range policies {
		names = append(names, policies[i].Name)
	}
	if len(names) > 0 {
		l.added.Policies = names
		l.adapted("namespaces are given the network policy "+strings.Join(names, ", "), notRunThen)
	}
}

// notRunThen is what follows if a cluster adds something to all namespaces or Pods.
const notRunThen = "claims that cannot be shown with it are not run"

// adapted records what is done differently because of the cluster, and logs it.
func (l *Lab) adapted(found, did string) {
	l.adaptations = append(l.adaptations, evidence.Adaptation{Found: found, Did: did})
	l.log.Say("   this cluster: %s; so: %s", found, did)
}

// probePod returns a Pod of the workload image that does nothing, on this node unless it is empty.
func probePod(image, name, node string, a stage.Adaptation) (*corev1.Pod, error) {
	second := int64(1)
	pod := &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: corev1.PodSpec{
			TerminationGracePeriodSeconds: &second,
			Containers:                    []corev1.Container{{Name: probeContainer, Image: image, Args: []string{"pause"}}},
		},
	}
	if node != "" {
		pod.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
			NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchFields: []corev1.NodeSelectorRequirement{
				{Key: metav1.ObjectNameField, Operator: corev1.NodeSelectorOpIn, Values: []string{node}}}}},
		}}}
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(pod)
	if err != nil {
		return nil, err
	}
	a.Apply(&unstructured.Unstructured{Object: fields})
	changed := &corev1.Pod{}
	return changed, runtime.DefaultUnstructuredConverter.FromUnstructured(fields, changed)
}

const probeContainer = "probe"

// acceptedPods returns the least adaptation with which the cluster accepts Pods, and why it refuses them without; nil if it refuses all.
func acceptedPods(a stage.Adaptation, try func(stage.Adaptation) error) (accepted *stage.Adaptation, refused error) {
	for _, limits := range [][]corev1.ResourceName{nil, {corev1.ResourceMemory}, {corev1.ResourceMemory, corev1.ResourceCPU}} {
		for _, security := range []stage.Adaptation{{}, {Restricted: true, User: stage.Nobody}, {Restricted: true}} {
			a.Restricted, a.User, a.Limits = security.Restricted, security.User, limits
			err := try(a)
			if err == nil || !probe.RefusedByCluster(err) { // an error that says nothing about Pods
				return &a, refused
			}
			if refused == nil {
				refused = err
			}
		}
	}
	return nil, refused
}

// policyWords returns why the API server refuses an object, without what is refused.
func policyWords(err error) string {
	_, why, found := strings.Cut(err.Error(), " is forbidden: ")
	if !found {
		return err.Error()
	}
	return why
}

// additions returns what an adaptation adds to Pods.
func additions(a stage.Adaptation) string {
	var words []string
	switch {
	case a.Restricted && a.User != 0:
		words = append(words, fmt.Sprintf("the security context of the standard \"restricted\", with user %d", a.User))
	case a.Restricted:
		words = append(words, "the security context of the standard \"restricted\"")
	}
	for _, name := range a.Limits {
		words = append(words, fmt.Sprintf("a small request and limit of %s where they have none", name))
	}
	return strings.Join(words, ", and ")
}

// tellChanges tells what the cluster adds to Pods: containers, tolerations of lost nodes, and requests and limits.
func (l *Lab) tellChanges(pod *corev1.Pod) {
	var injected []string
	for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		if c.Name != probeContainer {
			injected = append(injected, c.Name)
		}
	}
	if len(injected) > 0 {
		l.added.Containers = injected
		l.adapted("a container is injected into Pods: "+strings.Join(injected, ", "), "claims look at the containers that manifests name, and "+notRunThen)
	}
	if slices.ContainsFunc(pod.Spec.Tolerations, verdict.ToleratesLostNode) {
		l.added.Tolerations = true
		l.adapted("Pods are given an unlimited toleration of the taint "+corev1.TaintNodeUnreachable, notRunThen)
	}
	for _, c := range pod.Spec.Containers {
		if c.Name == probeContainer && len(c.Resources.Limits) > 0 && len(l.props.Adaptation.Limits) == 0 {
			l.adapted(fmt.Sprintf("containers without limits are given some, of %v", slices.Sorted(maps.Keys(c.Resources.Limits))),
				"claims that need a container without a limit are not run")
		}
	}
}

const (
	// imageWithin is how long an image may fail to be pulled until it counts as one that cannot be had. A kubelet tries again after 10 s.
	imageWithin = 20 * time.Second
	// pullWithin is how long an image may be on its way.
	pullWithin = 2 * time.Minute
)

// awaitImage waits until the containers of the probing Pods have started, and returns why they cannot; empty if they have, or if it is
// not known.
func awaitImage(ctx context.Context, list func(context.Context) ([]corev1.Pod, error), poll time.Duration) string {
	began, why := time.Now(), ""
	_ = wait.PollUntilContextTimeout(ctx, poll, pullWithin, true, func(ctx context.Context) (bool, error) {
		pods, err := list(ctx)
		if err != nil {
			return false, nil
		}
		why = ""
		waits, pulled := false, false
		for i := range pods {
			pod := &pods[i]
			state := startOf(pod)
			pulled = pulled || state == startFailed
			if state != started {
				waits = true
			}
			if state == startFailed {
				why = fmt.Sprintf("on node %s %s; name another image with NOTEPROOF_IMAGE, or load it onto the nodes", pod.Spec.NodeName, probe.PodProblem(pod))
			}
			if state == notScheduled && time.Since(began) >= imageWithin {
				why = "Pods stay Pending: " + probe.PodProblem(pod)
			}
		}
		return !waits || (pulled || why != "") && time.Since(began) >= imageWithin, nil
	})
	return why
}

// imageDigest returns the digest of the image with which the first probing Pod runs, as its node tells it: of the manifest, or of the
// configuration if the image was loaded. It is empty if none has started.
func imageDigest(pods []corev1.Pod) string {
	for i := range pods {
		for _, status := range pods[i].Status.ContainerStatuses {
			if at := strings.Index(status.ImageID, "sha256:"); status.Name == probeContainer && at >= 0 {
				return status.ImageID[at:]
			}
		}
	}
	return ""
}

// start is how far a probing Pod has come.
type start int

const (
	starting start = iota
	started
	startFailed
	notScheduled
)

// startOf returns how far a probing Pod has come: its container has started, its image cannot be had, or it is on no node.
func startOf(pod *corev1.Pod) start {
	if pod.Spec.NodeName == "" {
		return notScheduled
	}
	for _, status := range pod.Status.ContainerStatuses {
		switch waiting := status.State.Waiting; {
		case status.Name != probeContainer:
		case status.ContainerID != "":
			return started
		case waiting != nil && !slices.Contains([]string{"", "ContainerCreating", "PodInitializing"}, waiting.Reason):
			return startFailed
		}
	}
	return starting
}

// usable returns the names of the nodes that DaemonSets of claims run on, and what is wrong with the others; no names mean all nodes.
func usable(nodes []corev1.Node, workers []string) (names, problems []string) {
	fit := map[string]bool{}
	for i := range nodes {
		node := &nodes[i]
		switch why := verdict.NodeProblem(node); {
		case node.Labels[corev1.LabelOSStable] != "linux":
			problems = append(problems, fmt.Sprintf("node %s runs %s", node.Name, node.Labels[corev1.LabelOSStable]))
		case why != "":
			problems = append(problems, fmt.Sprintf("node %s %s", node.Name, why))
		default:
			fit[node.Name] = true
		}
	}
	if len(problems) == 0 && len(nodes) <= fewNodes {
		return nil, nil
	}
	var first, rest []string
	for _, node := range nodes {
		switch {
		case !fit[node.Name]:
		case slices.Contains(workers[:min(2, len(workers))], node.Name): // those that manifests name
			first = append(first, node.Name)
		default:
			rest = append(rest, node.Name)
		}
	}
	names = append(first, rest...)
	return names[:min(fewNodes, len(names))], problems
}

// fewNodes is how many nodes a claim that looks at every node looks at, at most, on an existing cluster.
const fewNodes = 5

package stage

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	helpers "k8s.io/component-helpers/resource"
	podsecurity "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/noteproof/noteproof/harness/internal/environ"
)

// Demand is a permission that somebody else's cluster must give, and what it is wanted for.
type Demand struct {
	Permission environ.Permission
	For        string // "pod/host has hostNetwork=true"
}

// Demands returns what an object, or the part of one in a patch, demands by its kind and its fields. It knows nothing of the
// scopes of custom resources.
func Demands(object *unstructured.Unstructured) []Demand {
	var demands []Demand
	add := func(permission environ.Permission, format string, a ...any) {
		demands = append(demands, Demand{permission, Name(object) + " " + fmt.Sprintf(format, a...)})
	}
	kind := object.GroupVersionKind()
	switch {
	case slices.Contains(clusterScopedKinds[kind.Group], kind.Kind):
		add(environ.ClusterObjects, "belongs to no namespace")
	case kind.Group == "" && kind.Kind == "Service":
		serviceDemands(object, add)
	case kind.Group == "networking.k8s.io" && kind.Kind == "Ingress", kind.Group == "gateway.networking.k8s.io" && kind.Kind == "Gateway":
		add(environ.LoadBalancers, "may order a load balancer")
	}
	if pod := podOf(object); pod != nil {
		podDemands(pod, add)
	}
	return demands
}

func serviceDemands(service *unstructured.Unstructured, add func(environ.Permission, string, ...any)) {
	of, _, _ := unstructured.NestedString(service.Object, "spec", "type")
	external, _, _ := unstructured.NestedSlice(service.Object, "spec", "externalIPs")
	switch {
	case of == string(corev1.ServiceTypeLoadBalancer):
		add(environ.LoadBalancers, "is a Service of type LoadBalancer")
	case len(external) > 0:
		add(environ.LoadBalancers, "takes over external IPs")
	case of == string(corev1.ServiceTypeNodePort):
		add(environ.NodePorts, "is a Service of type NodePort")
	}
}

// muchMemory is more than a Pod of a claim requests that does not want to fill a node.
var muchMemory = resource.MustParse("4Gi")

func podDemands(pod *unstructured.Unstructured, add func(environ.Permission, string, ...any)) {
	spec := corev1.PodSpec{}
	fields, _, err := unstructured.NestedMap(pod.Object, "spec")
	if err == nil {
		err = runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &spec)
	}
	if err != nil {
		return // the API server, which decodes it in the same way, rejects it
	}
	meta := metav1.ObjectMeta{Annotations: pod.GetAnnotations()} // old ways to ask for AppArmor and seccomp
	for _, check := range baseline.EvaluatePod(podsecurity.LevelVersion{Level: podsecurity.LevelBaseline, Version: podsecurity.LatestVersion()}, &meta, &spec) {
		switch {
		case check.Allowed:
		case check.ForbiddenReason == hostPathVolumes:
			add(environ.HostPaths, "mounts folders of its node (%s)", check.ForbiddenDetail)
		default:
			add(environ.PrivilegedPods, "needs a privileged Pod: %s (%s)", check.ForbiddenReason, check.ForbiddenDetail)
		}
	}
	requests := helpers.PodRequests(&corev1.Pod{Spec: spec}, helpers.PodResourcesOptions{})
	if requests.Memory().Cmp(muchMemory) > 0 {
		add(environ.NodeMemory, "requests %s of memory", requests.Memory())
	}
}

// hostPathVolumes is the reason of the check that has a permission of its own.
const hostPathVolumes = "hostPath volumes"

// baseline evaluates Pods as the admission plugin PodSecurity does.
var baseline = func() policy.Evaluator {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(err) // the checks are the library's own
	}
	return evaluator
}()

// IfAllowed is the annotation of a Pod with the name of an init container that is left out where privileged Pods are not allowed, or
// refused by the cluster. The claim must be as true without it.
const IfAllowed = "noteproof.dev/if-allowed"

// permitted returns the object without the init container that is left out where no privileged Pods are allowed.
func permitted(object *unstructured.Unstructured, allowed func(environ.Permission) bool) *unstructured.Unstructured {
	name := object.GetAnnotations()[IfAllowed]
	if name == "" || allowed == nil || allowed(environ.PrivilegedPods) {
		return object
	}
	object = object.DeepCopy()
	containers, _, err := unstructured.NestedSlice(object.Object, "spec", "initContainers")
	if err != nil {
		return object // the API server rejects it
	}
	containers = slices.DeleteFunc(containers, func(container any) bool {
		fields, ok := container.(map[string]any)
		return ok && fields["name"] == name
	})
	_ = unstructured.SetNestedSlice(object.Object, containers, "spec", "initContainers") // the path has been read
	return object
}

// Demands returns what the objects of the manifest demand that is not allowed.
func (m *Manifest) Demands(allowed func(environ.Permission) bool) []Demand {
	var demands []Demand
	for _, object := range m.Objects {
		for _, demand := range Demands(permitted(object, allowed)) {
			if !allowed(demand.Permission) {
				demands = append(demands, demand)
			}
		}
	}
	return demands
}

// Denied is the error of what somebody else's cluster would have to permit.
type Denied []Demand

func (d Denied) Error() string {
	var names, reasons []string
	for _, demand := range d {
		if !slices.Contains(names, string(demand.Permission)) {
			names = append(names, string(demand.Permission))
			reasons = append(reasons, demand.For)
		}
	}
	return fmt.Sprintf("the cluster is not noteproof's own, and NOTEPROOF_ALLOW=%s was not given: %s", strings.Join(names, ","), strings.Join(reasons, "; "))
}

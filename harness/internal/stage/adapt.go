package stage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/noteproof/noteproof/harness/probe"
)

// Adaptation is how the Pods of manifests must differ from what the manifests say, because somebody else's cluster wants that. What a
// manifest sets itself is kept. The zero value changes nothing but that each Pod names the manifest's containers in an annotation.
type Adaptation struct {
	// Restricted adds what Pod Security's standard "restricted" wants.
	Restricted bool
	// User is the user that restricted Pods run as; 0 leaves it to the cluster.
	User int64
	// Limits adds small requests and limits of these resources.
	Limits []corev1.ResourceName
	// Linux keeps Pods off other nodes, which the cluster has.
	Linux bool
	// Nodes are the nodes on which DaemonSets may run; empty means all.
	Nodes []string
}

// Nobody is a user without rights on every Linux, who owns no file of the workload image.
const Nobody = 65534

// requests and limits are enough for what the workload image does in the Pods of most claims.
var (
	requests = map[corev1.ResourceName]string{corev1.ResourceCPU: "10m", corev1.ResourceMemory: "32Mi"}
	limits   = map[corev1.ResourceName]string{corev1.ResourceCPU: "500m", corev1.ResourceMemory: "256Mi"}
)

// Apply changes the Pod that an object is, or that it has a template of.
func (a Adaptation) Apply(object *unstructured.Unstructured) {
	path := templatePath(object)
	spec, found, err := unstructured.NestedFieldNoCopy(object.Object, append(slices.Clone(path), "spec")...)
	fields, ok := spec.(map[string]any)
	if !found || err != nil || !ok {
		return // the object is about no Pods, or the API server rejects it
	}
	_ = unstructured.SetNestedField(object.Object, strings.Join(containerNames(fields), ","), append(slices.Clone(path), "metadata", "annotations", probe.ManifestContainers)...)
	if a.Restricted {
		a.restrict(fields)
	}
	for _, container := range containersIn(fields) {
		for _, name := range a.Limits {
			limit(container, string(name))
		}
	}
	if a.Linux && fields["nodeName"] == nil {
		setDefault(child(fields, "nodeSelector"), corev1.LabelOSStable, "linux")
	}
	if object.GetKind() == "DaemonSet" && len(a.Nodes) > 0 {
		fields["affinity"] = onlyOn(a.Nodes, fields["affinity"])
	}
}

// Adapted returns the document of a Pod as the cluster accepts it. Unknown fields are kept.
func (s *Stage) Adapted(pod string) ([]byte, error) {
	if s.props.Adaptation == nil {
		return []byte(pod), nil
	}
	object := &unstructured.Unstructured{}
	if err := yaml.UnmarshalStrict([]byte(pod), &object.Object); err != nil {
		return nil, fmt.Errorf("read the document of a Pod: %w", err)
	}
	s.props.Adaptation.Apply(object)
	return object.MarshalJSON()
}

// CreatePod does what Create does, with a Pod.
func (s *Stage) CreatePod(ctx context.Context, pod *corev1.Pod) error {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(pod)
	if err != nil {
		return fmt.Errorf("convert Pod %s: %w", pod.Name, err)
	}
	object := &unstructured.Unstructured{Object: fields}
	object.SetAPIVersion("v1")
	object.SetKind("Pod")
	unstructured.RemoveNestedField(object.Object, "status")
	return s.Create(ctx, object)
}

func (a Adaptation) restrict(spec map[string]any) {
	pod := child(spec, "securityContext")
	setDefault(pod, "runAsNonRoot", true)
	setDefault(pod, "seccompProfile", map[string]any{"type": string(corev1.SeccompProfileTypeRuntimeDefault)})
	if a.User != 0 {
		setDefault(pod, "runAsUser", a.User)
	}
	for _, container := range containersIn(spec) {
		own := child(container, "securityContext")
		if own["privileged"] != true { // the API server rejects a privileged container that may not escalate
			setDefault(own, "allowPrivilegeEscalation", false)
		}
		setDefault(own, "capabilities", map[string]any{"drop": []any{"ALL"}})
	}
}

// limit sets a request and a limit of a container where it has none. A limit is no lower than the request.
func limit(container map[string]any, name string) {
	resources := child(container, "resources")
	asked, most := child(resources, "requests"), child(resources, "limits")
	if most[name] == nil {
		setDefault(asked, name, requests[corev1.ResourceName(name)])
		most[name] = limits[corev1.ResourceName(name)]
		if text, ok := asked[name].(string); ok {
			if wanted, err := resource.ParseQuantity(text); err == nil && wanted.Cmp(resource.MustParse(limits[corev1.ResourceName(name)])) > 0 {
				most[name] = text
			}
		}
	}
}

// templatePath is where an object has the metadata and the spec of its Pods.
func templatePath(object *unstructured.Unstructured) []string {
	switch object.GetKind() {
	case "Pod":
		return nil
	case "CronJob":
		return []string{"spec", "jobTemplate", "spec", "template"}
	default:
		return []string{"spec", "template"}
	}
}

// containersIn returns the containers of a Pod's spec and its init containers.
func containersIn(spec map[string]any) []map[string]any {
	var found []map[string]any
	for _, of := range []string{"containers", "initContainers"} {
		list, _ := spec[of].([]any)
		for _, container := range list {
			if fields, ok := container.(map[string]any); ok {
				found = append(found, fields)
			}
		}
	}
	return found
}

// containerNames returns the names of a Pod's containers, in their order, and then those of its init containers.
func containerNames(spec map[string]any) []string {
	var names []string
	for _, container := range containersIn(spec) {
		name, _ := container["name"].(string)
		names = append(names, name)
	}
	return names
}

// child returns the object in a field, which it creates if it is missing.
func child(fields map[string]any, name string) map[string]any {
	found, ok := fields[name].(map[string]any)
	if !ok {
		found = map[string]any{}
		fields[name] = found
	}
	return found
}

func setDefault(fields map[string]any, name string, value any) {
	if fields[name] == nil {
		fields[name] = value
	}
}

// onlyOn returns an affinity that requires one of the nodes, beside what it requires already. Fields of nodes allow one value each.
func onlyOn(nodes []string, affinity any) any {
	object, terms, err := nodeTerms(affinity)
	if err != nil {
		return affinity // the API server rejects it
	}
	var each []any
	for _, node := range nodes {
		for _, term := range terms {
			term, _ := term.(map[string]any)
			copied := (&unstructured.Unstructured{Object: term}).DeepCopy().Object
			fields, _ := copied["matchFields"].([]any)
			copied["matchFields"] = append(fields, map[string]any{"key": metav1.ObjectNameField, "operator": string(corev1.NodeSelectorOpIn), "values": []any{node}})
			each = append(each, copied)
		}
	}
	if err := unstructured.SetNestedSlice(object, each, termsPath...); err != nil {
		return affinity
	}
	return object
}

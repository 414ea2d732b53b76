package stage

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Placeholders in manifests, as whole values, for values that are unique to the stage.
const (
	// OwnName is replaced by a name that no other stage uses, which is also the default name of the namespace.
	OwnName = "own-name"
	// NodeFolder is replaced by the path of a folder on the nodes. The stage does not create the folder, but removes it.
	NodeFolder = "node-folder"
)

// nodeTmp is the parent of that folder: it survives a reboot and exists on every system (Filesystem Hierarchy Standard, 5.15).
const nodeTmp = "/var/tmp"

// substitute replaces "agnhost" in fields that name an image, and placeholders and names of workers in all values, anywhere in an object. Pods that
// tolerate every taint are kept off the spare worker.
func (p Props) substitute(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, field := range value {
			switch {
			case (key == "image" || key == "reference") && field == "agnhost": // reference is that of an image volume
				value[key] = p.Image
			case key == corev1.LabelHostname, key == "values" && value["key"] == corev1.LabelHostname:
				value[key] = p.substituteHostnames(field)
			default:
				value[key] = p.substitute(field)
			}
		}
		if tolerations, ok := value["tolerations"].([]any); ok && p.Spare != "" && slices.ContainsFunc(tolerations, toleratesAll) {
			value["affinity"] = keptOff(p.Spare, value["affinity"])
		}
		return value
	case []any:
		for i := range value {
			value[i] = p.substitute(value[i])
		}
		return value
	case string:
		return p.substituteWord(value)
	default:
		return value
	}
}

// toleratesAll returns whether a toleration tolerates every taint, as those of DaemonSets that run on all nodes do.
func toleratesAll(toleration any) bool {
	t, ok := toleration.(map[string]any)
	return ok && t["operator"] == string(corev1.TolerationOpExists) && (t["key"] == nil || t["key"] == "")
}

// termsPath is the path, in an affinity, of the terms of which a node must meet one.
var termsPath = []string{"nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"}

// nodeTerms returns an affinity as an object, and its terms at termsPath: an empty one if there are none.
func nodeTerms(affinity any) (object map[string]any, terms []any, err error) {
	object, ok := affinity.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	terms, _, err = unstructured.NestedSlice(object, termsPath...)
	if len(terms) == 0 {
		terms = []any{map[string]any{}}
	}
	return object, terms, err
}

// keptOff returns the affinity of a Pod with a requirement that keeps the Pod off a node.
func keptOff(node string, affinity any) any {
	object, terms, err := nodeTerms(affinity)
	if err != nil {
		return affinity // the API server rejects it
	}
	for _, term := range terms { // any of them suffices
		if term, ok := term.(map[string]any); ok {
			fields, _ := term["matchFields"].([]any)
			term["matchFields"] = append(fields, map[string]any{"key": metav1.ObjectNameField, "operator": string(corev1.NodeSelectorOpNotIn), "values": []any{node}})
		}
	}
	if err := unstructured.SetNestedSlice(object, terms, termsPath...); err != nil {
		return affinity
	}
	return object
}

// substituteHostnames replaces names of workers by the values of their label kubernetes.io/hostname, which may differ from the
// node's name (Kubernetes docs, "Well-Known Labels").
func (p Props) substituteHostnames(value any) any {
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = p.substituteHostnames(value[i])
		}
		return value
	case string:
		name := p.worker(value)
		return cmp.Or(p.Hostnames[name], name)
	default:
		return value
	}
}

func (p Props) substituteWord(text string) string {
	switch text {
	case OwnName:
		return p.ownName
	case NodeFolder:
		return p.nodeFolder()
	default:
		return p.worker(text)
	}
}

// worker returns the name of the node for "worker-1" and so on, and any other text unchanged.
func (p Props) worker(text string) string {
	for i, name := range p.Workers {
		if text == fmt.Sprintf("worker-%d", i+1) {
			return name
		}
	}
	return text
}

func (p Props) nodeFolder() string { return nodeTmp + "/" + p.ownName }

// mentions reports whether a word is among the values of an object.
func mentions(value any, word string) bool {
	switch value := value.(type) {
	case map[string]any:
		for _, field := range value {
			if mentions(field, word) {
				return true
			}
		}
	case []any:
		for _, field := range value {
			if mentions(field, word) {
				return true
			}
		}
	case string:
		return value == word
	}
	return false
}

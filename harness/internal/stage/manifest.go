package stage

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	yamlreader "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// UsesNodeFolder reports whether an object uses the folder NodeFolder of nodes.
func (m *Manifest) UsesNodeFolder() bool {
	return slices.ContainsFunc(m.Objects, func(o *unstructured.Unstructured) bool { return mentions(o.Object, NodeFolder) })
}

// Later is the annotation of an object that the scenario creates itself, at a later time.
const Later = "noteproof.dev/later"

// Manifest is the YAML file of one claim.
type Manifest struct {
	Path    string
	Objects []*unstructured.Unstructured // in the file's order
}

// ManifestPath returns the path of a claim's manifest: pod/localhost.yaml for pod.localhost.
func ManifestPath(id string) string { return strings.Replace(id, ".", "/", 1) + ".yaml" }

// ManifestFile returns the path of a claim's manifest in a module, for messages. The manifests of a suite are in manifests/.
func ManifestFile(id string) string { return "manifests/" + ManifestPath(id) }

// ReadManifest reads the manifest of a claim. It rejects a first line that does not name the claim, an unknown or duplicate
// field, and an object without a name, with that of another one, or with a namespace. It returns all such errors at once, each
// with its file and the first line of its document.
func ReadManifest(manifests fs.FS, id string) (*Manifest, error) {
	path, file := ManifestPath(id), ManifestFile(id)
	text, err := fs.ReadFile(manifests, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("claim %s has no manifest: create %s", id, file)
	}
	if err != nil {
		return nil, fmt.Errorf("read the manifest of claim %s: %w", id, err)
	}
	var errs []error
	if first, _, _ := strings.Cut(string(text), "\n"); first != "# "+id && !strings.HasPrefix(first, "# "+id+":") {
		errs = append(errs, fmt.Errorf("%s:1: the first line must name the claim: %q", file, "# "+id))
	}
	manifest := &Manifest{Path: path}
	documents := yamlreader.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	line := 1 // the first one of the document
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, line, err)
		}
		objects, err := decodeDocument(document)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%w", file, atLine(err, line)))
			objects = nil
		}
		for _, object := range objects {
			if why := manifest.refuses(object); why != "" {
				errs = append(errs, fmt.Errorf("%s:%d: %s %s", file, line, Name(object), why))
			}
			manifest.Objects = append(manifest.Objects, object)
		}
		line += bytes.Count(document, []byte("\n")) + 1 // and the line that separates documents
	}
	return manifest, errors.Join(errs...)
}

// refuses returns why an object cannot be in the manifest; empty if it can.
func (m *Manifest) refuses(object *unstructured.Unstructured) string {
	same := func(other *unstructured.Unstructured) bool {
		return object.GetName() != "" && other.GroupVersionKind().GroupKind() == object.GroupVersionKind().GroupKind() && other.GetName() == object.GetName()
	}
	switch {
	case object.GetName() == "" && object.GetGenerateName() == "":
		return "has no name"
	case object.GetNamespace() != "":
		return "sets a namespace, which the stage sets itself"
	case slices.ContainsFunc(m.Objects, same):
		return "is in the manifest twice"
	default:
		return ""
	}
}

// HasPods returns whether the manifest has Pods, or controllers that make some.
func (m *Manifest) HasPods() bool {
	return slices.ContainsFunc(m.Objects, func(object *unstructured.Unstructured) bool { return podOf(object) != nil })
}

// NamesWorker returns whether the manifest names the worker of this number, from 1 on.
func (m *Manifest) NamesWorker(number int) bool {
	return slices.ContainsFunc(m.Objects, func(object *unstructured.Unstructured) bool {
		return mentions(object.Object, fmt.Sprintf("worker-%d", number))
	})
}

// OutsideNamespace returns the objects of the manifest whose kind is known to be cluster-scoped.
func (m *Manifest) OutsideNamespace() []string {
	var names []string
	for _, object := range m.Objects {
		if kind := object.GroupVersionKind(); slices.Contains(clusterScopedKinds[kind.Group], kind.Kind) {
			names = append(names, Name(object))
		}
	}
	return names
}

// clusterScopedKinds are the cluster-scoped kinds of Kubernetes by their groups.
var clusterScopedKinds = map[string][]string{
	"": {"Namespace", "Node", "PersistentVolume"},
	"admissionregistration.k8s.io": {
		"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
		"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
	},
	"apiextensions.k8s.io":         {"CustomResourceDefinition"},
	"apiregistration.k8s.io":       {"APIService"},
	"certificates.k8s.io":          {"CertificateSigningRequest", "ClusterTrustBundle"},
	"flowcontrol.apiserver.k8s.io": {"FlowSchema", "PriorityLevelConfiguration"},
	"networking.k8s.io":            {"IngressClass", "IPAddress", "ServiceCIDR"},
	"node.k8s.io":                  {"RuntimeClass"},
	"rbac.authorization.k8s.io":    {"ClusterRole", "ClusterRoleBinding"},
	"resource.k8s.io":              {"DeviceClass", "ResourceSlice"},
	"scheduling.k8s.io":            {"PriorityClass"},
	"storage.k8s.io":               {"CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"},
}

// yamlLine matches the line, counted from the beginning of the document, in an error of the YAML parser.
var yamlLine = regexp.MustCompile(`yaml: line ([0-9]+): `)

// atLine prepends the line of the file at which an error in a document is, given the document's first line: the YAML parser's, or
// the first one.
func atLine(err error, first int) error {
	text := err.Error()
	if found := yamlLine.FindStringSubmatch(text); found != nil {
		inDocument, _ := strconv.Atoi(found[1]) // digits
		return fmt.Errorf("%d: %s", first+inDocument-1, strings.Replace(text, found[0], "YAML: ", 1))
	}
	return fmt.Errorf("%d: %w", first, err)
}

// decodeDocument decodes a document, which may be empty.
func decodeDocument(document []byte) ([]*unstructured.Unstructured, error) {
	if isBlank(document) {
		return nil, nil
	}
	return decodeStrict(document)
}

// decodeStrict decodes a document, or each item of a List, and rejects unknown and duplicate fields. Of types in groups that
// client-go does not know, such as custom resources, it rejects only duplicate fields; the API server rejects unknown ones when
// the object is created. In a List, items can share parts by YAML anchors.
func decodeStrict(document []byte) ([]*unstructured.Unstructured, error) {
	codecs := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict)
	typed, kind, err := codecs.UniversalDeserializer().Decode(document, nil, nil)
	if runtime.IsNotRegisteredError(err) && isCustom(document) {
		object, err := decodeUntyped(document)
		return []*unstructured.Unstructured{object}, err
	}
	if runtime.IsNotRegisteredError(err) {
		var kind metav1.TypeMeta
		_ = yaml.Unmarshal(document, &kind) // the deserializer has read it
		return nil, fmt.Errorf("there is no kind %q in %q", kind.Kind, kind.APIVersion)
	}
	if err != nil {
		return nil, err
	}
	if list, ok := typed.(*corev1.List); ok {
		var objects []*unstructured.Unstructured
		for i, item := range list.Items {
			more, err := decodeStrict(item.Raw)
			if err != nil {
				return nil, fmt.Errorf("item %d: %w", i+1, err)
			}
			objects = append(objects, more...)
		}
		return objects, nil
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
	if err != nil {
		return nil, err
	}
	object := &unstructured.Unstructured{Object: fields}
	object.SetGroupVersionKind(*kind)
	unstructured.RemoveNestedField(object.Object, "status")
	return []*unstructured.Unstructured{object}, nil
}

// isCustom reports whether a document's group is unknown to client-go.
func isCustom(document []byte) bool {
	var kind metav1.TypeMeta
	return yaml.Unmarshal(document, &kind) == nil && !scheme.Scheme.IsGroupRegistered(kind.GroupVersionKind().Group)
}

// decodeUntyped decodes a document of any type.
func decodeUntyped(document []byte) (*unstructured.Unstructured, error) {
	document, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		return nil, err
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(document); err != nil {
		return nil, err
	}
	if object.GetName() == "" {
		return nil, fmt.Errorf("%s has no name", object.GroupVersionKind())
	}
	return object, nil
}

func isBlank(document []byte) bool {
	for line := range bytes.Lines(document) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' && !bytes.Equal(line, []byte("---")) {
			return false
		}
	}
	return true
}

// Name returns the object's lower-case kind and name: "pod/web".
func Name(object *unstructured.Unstructured) string {
	return strings.ToLower(object.GetKind()) + "/" + object.GetName()
}

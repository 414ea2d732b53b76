package stage

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// Later is the annotation of an object that the scenario creates itself, at a later time.
const Later = "noteproof.dev/later"

// Manifest is the YAML file of one claim.
type Manifest struct {
	Path    string
	Objects []*unstructured.Unstructured // in the file's order
}

// ManifestPath returns the path of a claim's manifest: pod/localhost.yaml for pod.localhost.
func ManifestPath(id string) string { return strings.Replace(id, ".", "/", 1) + ".yaml" }

// ReadManifest reads the manifest of a claim. It rejects a first line that does not name the claim, an unknown or duplicate
// field, and an object that sets a namespace. It returns all such errors at once, each with its position.
func ReadManifest(manifests fs.FS, id string) (*Manifest, error) {
	path := ManifestPath(id)
	text, err := fs.ReadFile(manifests, path)
	if err != nil {
		return nil, fmt.Errorf("claim %s has no manifest: %w", id, err)
	}
	var errs []error
	if first, _, _ := strings.Cut(string(text), "\n"); first != "# "+id && !strings.HasPrefix(first, "# "+id+":") {
		errs = append(errs, fmt.Errorf("%s:1: the first line must name the claim: %q", path, "# "+id))
	}
	manifest := &Manifest{Path: path}
	documents := yamlreader.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for n := 1; ; n++ {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: document %d: %w", path, n, err)
		}
		if isBlank(document) {
			continue
		}
		objects, err := decodeStrict(document)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: document %d: %w", path, n, err))
			continue
		}
		for _, object := range objects {
			if object.GetNamespace() != "" {
				errs = append(errs, fmt.Errorf("%s: document %d: %s sets a namespace, which the stage sets itself", path, n, Name(object)))
			}
		}
		manifest.Objects = append(manifest.Objects, objects...)
	}
	return manifest, errors.Join(errs...)
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

// Package stage gives a claim its own namespace with the claim's manifest in it, and sees to it that everything is
// gone afterwards.
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

// Later is the annotation of an object that the scenario creates itself, at its own time.
const Later = "noteproof.dev/later"

// Manifest is the YAML that serves one claim.
type Manifest struct {
	Path    string
	Objects []*unstructured.Unstructured // in the file's order
}

// ManifestPath is where a claim's manifest lies: pod.localhost has pod/localhost.yaml.
func ManifestPath(id string) string { return strings.Replace(id, ".", "/", 1) + ".yaml" }

// ReadManifest reads the manifest of a claim. It refuses, all at once and naming the place: a first line that does not
// say which claim the file serves, an unknown or doubled field, an object with a namespace of its own.
func ReadManifest(manifests fs.FS, id string) (*Manifest, error) {
	path := ManifestPath(id)
	text, err := fs.ReadFile(manifests, path)
	if err != nil {
		return nil, fmt.Errorf("claim %s has no manifest: %w", id, err)
	}
	var errs []error
	if first, _, _ := strings.Cut(string(text), "\n"); first != "# "+id && !strings.HasPrefix(first, "# "+id+":") {
		errs = append(errs, fmt.Errorf("%s:1: the first line must say which claim the file serves: %q", path, "# "+id))
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
		objects, err := strictly(document)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: document %d: %w", path, n, err))
			continue
		}
		for _, object := range objects {
			if object.GetNamespace() != "" {
				errs = append(errs, fmt.Errorf("%s: document %d: %s carries a namespace; the stage gives it one", path, n, Name(object)))
			}
		}
		manifest.Objects = append(manifest.Objects, objects...)
	}
	return manifest, errors.Join(errs...)
}

// strictly decodes a document, or a List of such; an unknown or doubled field is an error. Only the
// API server knows the fields of custom resources, and of other types in groups that client-go does not know: it refuses unknown
// ones when the object is created. A List lets its items share parts by YAML anchors.
func strictly(document []byte) ([]*unstructured.Unstructured, error) {
	codecs := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict)
	typed, kind, err := codecs.UniversalDeserializer().Decode(document, nil, nil)
	if runtime.IsNotRegisteredError(err) && isCustom(document) {
		object, err := untyped(document)
		return []*unstructured.Unstructured{object}, err
	}
	if err != nil {
		return nil, err
	}
	if list, is := typed.(*corev1.List); is {
		var objects []*unstructured.Unstructured
		for i, item := range list.Items {
			more, err := strictly(item.Raw)
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

// isCustom says whether a document is of a group that client-go does not know.
func isCustom(document []byte) bool {
	var of metav1.TypeMeta
	return yaml.Unmarshal(document, &of) == nil && !scheme.Scheme.IsGroupRegistered(of.GroupVersionKind().Group)
}

// untyped decodes a document of any type.
func untyped(document []byte) (*unstructured.Unstructured, error) {
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

// Name is how an object is spoken of: "pod/web".
func Name(object *unstructured.Unstructured) string {
	return strings.ToLower(object.GetKind()) + "/" + object.GetName()
}

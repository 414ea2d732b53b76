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
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
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
	documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
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

// strictly decodes a document of a type that client-go knows, or a List of such; an unknown or doubled field is an
// error. A List lets its items share parts by YAML anchors.
func strictly(document []byte) ([]*unstructured.Unstructured, error) {
	codecs := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict)
	typed, kind, err := codecs.UniversalDeserializer().Decode(document, nil, nil)
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

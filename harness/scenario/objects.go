package scenario

import (
	"context"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/notes"
	"github.com/noteproof/noteproof/harness/probe"
)

// Namespace is the name of the claim's namespace. It is unique to the run.
func (s *S) Namespace() string { return s.stage.Namespace }

// Image is the workload image, which manifests call "agnhost".
func (s *S) Image() string { return s.run.Props.Image }

// Quoted returns the lines of the notes that hold the claim's quote, as they are in the notes.
func (s *S) Quoted() string {
	s.t.Helper()
	text := notes.Parse(s.run.Notes)
	first, last, err := text.Find(notes.Quote{Text: s.claim.Quote, At: s.claim.At})
	if err != nil {
		s.abort("%v", err)
	}
	return strings.Join(text.Lines()[first-1:last], "\n") + "\n"
}

// Objects looks at the names of all objects of a kind, such as "configmap", that match the label selector: those of the
// claim's namespace, or of the whole cluster if the kind has no namespace. The answer is a []string.
func (s *S) Objects(kind, selector string) probe.Look {
	return probe.New("names of each "+kind+" selected by "+strconv.Quote(selector), func(ctx context.Context) (any, error) {
		return s.stage.Names(ctx, kind, selector)
	})
}

// Endpoints looks at the ready Pods that are the endpoints of a Service of the claim's namespace.
func (s *S) Endpoints(service string) probe.Look { return s.cluster.Endpoints(service) }

// Elsewhere returns the actual name of an object outside the claim's namespace, given its name in the manifest.
func (s *S) Elsewhere(name string) string { return s.stage.Elsewhere(name) }

// Create creates an object of the manifest that is annotated to be created later, by its name: "pod/late".
func (s *S) Create(name string) {
	s.t.Helper()
	s.beforeChange()
	if err := s.stage.Create(s.ctx, s.manifestObject(name)); err != nil {
		s.abort("%v", err)
	}
}

// Label sets a label of an object, such as "pod/web", as kubectl label does. The label of a node is removed when the
// scenario ends.
func (s *S) Label(object, key, value string) {
	s.t.Helper()
	s.beforeChange()
	if err := s.stage.Label(s.ctx, object, key, value); err != nil {
		s.abort("%v", err)
	}
}

// Text returns an object of the manifest as YAML, without its annotations. The spec comes last, so that the body can append
// to it.
func (s *S) Text(name string) string {
	s.t.Helper()
	object := s.manifestObject(name).DeepCopy()
	object.SetAnnotations(nil)
	text, err := yaml.Marshal(object.Object)
	if err != nil {
		s.abort("write %s as YAML: %v", name, err)
	}
	return string(text)
}

func (s *S) manifestObject(name string) *unstructured.Unstructured {
	s.t.Helper()
	for _, object := range s.manifest.Objects {
		if stage.Name(object) == name {
			return object
		}
	}
	s.abort("the scenario is wrong: %s holds no %s", s.manifest.Path, name)
	return nil
}

package scenario

import (
	"context"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/notes"
	"github.com/noteproof/noteproof/harness/probe"
)

// Namespace is the name of the claim's namespace. It is unique to the run.
func (s *S) Namespace() string { return s.stage.Namespace }

// Image is the workload image, which manifests call "agnhost".
func (s *S) Image() string { return s.run.Props.Image }

// Quoted is the claim's quote as it stands in the notes, line by line, not as the claim writes it down.
func (s *S) Quoted() string {
	s.t.Helper()
	text := notes.Parse(s.run.Notes)
	first, last, err := text.Find(notes.Quote{Text: s.claim.Quote, At: s.claim.At})
	if err != nil {
		s.abort("%v", err)
	}
	return strings.Join(text.Lines()[first-1:last], "\n") + "\n"
}

// Objects looks at the names of all objects of a kind, "configmap", that a label selector selects: those of the claim's
// namespace, or of the whole cluster when the kind has no namespace.
func (s *S) Objects(kind, selector string) probe.Look {
	return probe.New("names of each "+kind+" selected by "+strconv.Quote(selector), func(ctx context.Context) (any, error) {
		return s.stage.Names(ctx, kind, selector)
	})
}

// Label sets a label of an object, "pod/web", as kubectl label does. A node loses it again when the scenario ends.
func (s *S) Label(object, key, value string) {
	s.t.Helper()
	s.changing()
	if err := s.stage.Label(s.ctx, object, key, value); err != nil {
		s.abort("%v", err)
	}
}

// TryLabel does what Label does, and keeps what the API server answered.
func (s *S) TryLabel(object, key, value string) probe.Look {
	s.t.Helper()
	return s.answered("label "+key+"="+value+" on "+object, s.stage.Label(s.ctx, object, key, value))
}

// Submit sends a document to the API server byte for byte, under strict field validation, to create the object in it,
// and keeps what the API server answered.
func (s *S) Submit(document string) probe.Look {
	s.t.Helper()
	_, err := s.stage.Submit(s.ctx, document, metav1.FieldValidationStrict)
	return s.answered("the submitted document", err)
}

// answered keeps the API server's answer to a request.
func (s *S) answered(name string, err error) probe.Look {
	s.t.Helper()
	answer, err := probe.ServerAnswer(err)
	if err != nil {
		s.abort("%s: %v", name, err)
	}
	return probe.New("the API server's answer to "+name, func(context.Context) (any, error) { return answer, nil })
}

// Endpoints looks at the ready Pods to which a Service of the claim's namespace leads.
func (s *S) Endpoints(service string) probe.Look { return s.cluster.Endpoints(service) }

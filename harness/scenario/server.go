package scenario

import (
	"context"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/probe"
)

// TryCreate does what Create does, and keeps what the API server answered.
func (s *S) TryCreate(name string) probe.Look {
	s.t.Helper()
	return s.answered("create "+name, s.stage.Create(s.ctx, s.later(name)))
}

// Text is an object of the manifest as YAML, to which the body can add. Its spec comes last.
func (s *S) Text(name string) string {
	s.t.Helper()
	object := s.later(name).DeepCopy()
	object.SetAnnotations(nil)
	text, err := yaml.Marshal(object.Object)
	if err != nil {
		s.abort("write %s as YAML: %v", name, err)
	}
	return string(text)
}

// SubmitLoosely does what Submit does under the validation that drops unknown fields with a warning, as every API server
// did before it could be strict, and keeps the warnings.
func (s *S) SubmitLoosely(document string) probe.Look {
	s.t.Helper()
	warnings, err := s.stage.Submit(s.ctx, document, metav1.FieldValidationWarn)
	if err != nil {
		s.abort("submit a document that is to be accepted: %v", err)
	}
	return probe.New("the API server's warnings", func(context.Context) (any, error) { return strings.Join(warnings, "; "), nil })
}

// Since says whether the cluster runs this minor version, "1.25", or a later one.
func (s *S) Since(minor string) bool {
	s.t.Helper()
	wanted, err := claim.ParseVersion(minor)
	if err != nil {
		s.abort("the scenario is wrong: %v", err)
	}
	server, err := s.cluster.Client.Discovery().ServerVersion()
	if err != nil {
		s.abort("ask for the server's version: %v", err)
	}
	version, err := claim.ParseVersion(server.GitVersion)
	if err != nil {
		s.abort("%v", err)
	}
	return !version.Before(wanted)
}

// As sees the claim's namespace with the rights of another user.
func (s *S) As(user string) probe.Cluster {
	s.t.Helper()
	cluster, err := s.cluster.As(user)
	if err != nil {
		s.abort("%v", err)
	}
	return cluster
}

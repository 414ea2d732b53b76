package scenario

import (
	"context"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/probe"
)

// TryCreate does what Create does, and returns a look at the API server's answer, a probe.Answer.
func (s *S) TryCreate(name string) probe.Look {
	s.t.Helper()
	s.beforeChange()
	return s.serverAnswer("create "+name, s.stage.Create(s.ctx, s.manifestObject(name)))
}

// TryLabel does what Label does, and returns a look at the API server's answer, a probe.Answer.
func (s *S) TryLabel(object, key, value string) probe.Look {
	s.t.Helper()
	s.beforeChange()
	return s.serverAnswer("label "+key+"="+value+" on "+object, s.stage.Label(s.ctx, object, key, value))
}

// Submit sends a document to the API server byte for byte, with strict field validation, to create the object in it. It
// returns a look at the API server's answer, a probe.Answer.
func (s *S) Submit(document string) probe.Look {
	s.t.Helper()
	s.beforeChange()
	_, err := s.stage.Submit(s.ctx, document, metav1.FieldValidationStrict)
	return s.serverAnswer("the submitted document", err)
}

// SubmitLoosely does what Submit does, with the field validation that drops unknown fields and warns of them, and returns a
// look at the warnings, a string. The claim is inconclusive if the document is refused.
func (s *S) SubmitLoosely(document string) probe.Look {
	s.t.Helper()
	s.beforeChange()
	warnings, err := s.stage.Submit(s.ctx, document, metav1.FieldValidationWarn)
	if err != nil {
		s.abort("submit a document that is to be accepted: %v", err)
	}
	return probe.New("the API server's warnings", func(context.Context) (any, error) { return strings.Join(warnings, "; "), nil })
}

// serverAnswer returns a look at the API server's answer to a request that returned err.
func (s *S) serverAnswer(name string, err error) probe.Look {
	s.t.Helper()
	answer, err := probe.ServerAnswer(err)
	if err != nil {
		s.abort("%s: %v", name, err)
	}
	return probe.New("the API server's answer to "+name, func(context.Context) (any, error) { return answer, nil })
}

// Since returns whether the cluster runs this minor version, such as "1.25", or a later one.
func (s *S) Since(minor string) bool {
	s.t.Helper()
	wanted, err := claim.ParseVersion(minor)
	if err != nil {
		s.abort("the scenario is wrong: %v", err)
	}
	server, err := s.cluster.Client.Discovery().ServerVersion()
	if err != nil {
		s.abort("get the server's version: %v", err)
	}
	version, err := claim.ParseVersion(server.GitVersion)
	if err != nil {
		s.abort("%v", err)
	}
	return !version.Before(wanted)
}

// As returns the cluster as another user sees it, in the claim's namespace.
func (s *S) As(user string) probe.Cluster {
	s.t.Helper()
	cluster, err := s.cluster.As(user)
	if err != nil {
		s.abort("%v", err)
	}
	return cluster
}

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
	answer, err := probe.OwnAnswer(err)
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

// Stored looks at what the API server would store of a field of an object of the manifest, such as "spec.resources" of "pod/web",
// as a dry run: it drops fields that it does not know or has disabled, or refuses the object. In a list, the path has the name of an
// element or its number from 0: "spec.containers.web.livenessProbe". The answer is a probe.Stored.
func (s *S) Stored(name, field string) probe.Look {
	s.t.Helper()
	object := s.manifestObject(name)
	return probe.New("what the API server would store of "+field+" of "+name, func(ctx context.Context) (any, error) {
		stored, _, err := s.stage.DryRun(ctx, object)
		if err != nil {
			refusal, err := probe.OwnAnswer(err)
			return probe.Stored{Field: field, Refusal: refusal}, err
		}
		return probe.StoredField(stored, field)
	})
}

// Stores returns whether the API server would store a field: see Stored. What it does not store has no effect that a body could
// look at.
func (s *S) Stores(name, field string) bool {
	s.t.Helper()
	seen, err := s.Stored(name, field).Ask(s.ctx)
	if err != nil {
		s.abort("%v", err)
	}
	stored, _ := seen.(probe.Stored)
	return stored.Value != ""
}

// Warnings looks at the API server's warnings about an object of the manifest, as a dry run; the answer is a string.
func (s *S) Warnings(name string) probe.Look {
	s.t.Helper()
	object := s.manifestObject(name)
	return probe.New("the API server's warnings about "+name, func(ctx context.Context) (any, error) {
		_, warnings, err := s.stage.DryRun(ctx, object)
		return strings.Join(warnings, "; "), err
	})
}

// TryPatch changes an object of the claim's namespace, such as "service/web", or a subresource, such as "pod/web/resize", by a
// strategic merge patch in YAML, and returns a look at the API server's answer, a probe.Answer. The API server drops fields that it
// does not know or has disabled.
func (s *S) TryPatch(object, patch string) probe.Look {
	s.t.Helper()
	s.beforeChange()
	return s.serverAnswer("the patch of "+object, s.stage.Patch(s.ctx, object, patch))
}

package scenario

import (
	"context"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// PodWithVolume asks for a Pod with this volume source, "emptyDir: {}", as a dry run under strict field validation, and
// keeps what the API server answered: its refusal, or the volume as it would be stored. A server older than strict
// validation drops the fields that it does not know.
func (s *S) PodWithVolume(source string) probe.Look {
	s.t.Helper()
	document := fmt.Sprintf("{apiVersion: v1, kind: Pod, metadata: {name: dry-run}, "+
		"spec: {containers: [{name: web, image: %q}], volumes: [{name: data, %s}]}}", s.run.Props.Image, source)
	result := s.cluster.Client.CoreV1().RESTClient().Post().Namespace(s.stage.Namespace).Resource("pods").
		Param("dryRun", metav1.DryRunAll).Param("fieldValidation", metav1.FieldValidationStrict).
		SetHeader("Content-Type", "application/yaml").SetHeader("Accept", "application/json").
		Body([]byte(document)).Do(s.ctx)
	answer, err := probe.ServerAnswer(result.Error())
	if err != nil {
		s.abort("ask for a Pod with the volume source %s: %v", source, err)
	}
	if text, err := result.Raw(); err == nil {
		var pod struct {
			Spec struct{ Volumes []json.RawMessage }
		}
		if err := json.Unmarshal(text, &pod); err != nil || len(pod.Spec.Volumes) == 0 {
			s.abort("read the Pod with the volume source %s: %q: %v", source, text, err)
		}
		answer.Body = string(pod.Spec.Volumes[0])
	}
	return probe.New("the API server's answer to a Pod with the volume source "+source, func(context.Context) (any, error) { return answer, nil })
}

// VolumeClaim looks at the PersistentVolumeClaim of this name.
func (s *S) VolumeClaim(name string) probe.Look { return s.cluster.VolumeClaim(name) }

// Volumes looks at the phases of the PersistentVolumes that the claim's manifest makes.
func (s *S) Volumes() probe.Look { return s.cluster.VolumePhases(s.stage.Selector()) }

// Elsewhere is the name that an object outside of the claim's namespace was given, which the manifest calls so.
func (s *S) Elsewhere(name string) string { return s.stage.Elsewhere(name) }

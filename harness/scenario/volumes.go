package scenario

import (
	"context"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// PodWithVolume looks at the API server's answer to the creation of a Pod with this volume source, such as "emptyDir: {}", as
// a dry run with strict field validation: its refusal, or the volume as it would be stored. A server that is older than
// strict validation drops unknown fields.
func (s *S) PodWithVolume(source string) probe.Look {
	return probe.New("the API server's answer to a Pod with the volume source "+source, func(ctx context.Context) (any, error) {
		document := fmt.Sprintf("{apiVersion: v1, kind: Pod, metadata: {name: dry-run}, "+
			"spec: {containers: [{name: web, image: %q}], volumes: [{name: data, %s}]}}", s.run.Props.Image, source)
		adapted, err := s.stage.Adapted(document)
		if err != nil {
			return nil, err
		}
		result := s.cluster.Client.CoreV1().RESTClient().Post().Namespace(s.stage.Namespace).Resource("pods").
			Param("dryRun", metav1.DryRunAll).Param("fieldValidation", metav1.FieldValidationStrict).
			SetHeader("Content-Type", "application/yaml").SetHeader("Accept", "application/json").
			Body(adapted).Do(ctx)
		answer, err := probe.OwnAnswer(result.Error())
		if err != nil || answer.Status/100 != 2 {
			return answer, err
		}
		text, err := result.Raw()
		if err != nil {
			return nil, err
		}
		answer.Body, err = firstVolume(text)
		return answer, err
	})
}

// firstVolume returns the first volume of a Pod, both as JSON.
func firstVolume(pod []byte) (string, error) {
	var stored struct {
		Spec struct{ Volumes []json.RawMessage }
	}
	if err := json.Unmarshal(pod, &stored); err != nil {
		return "", fmt.Errorf("read the Pod that the API server answered with: %w", err)
	}
	if len(stored.Spec.Volumes) == 0 {
		return "", fmt.Errorf("the API server answered with a Pod that has no volume: %s", pod)
	}
	return string(stored.Spec.Volumes[0]), nil
}

// VolumeClaim looks at the PersistentVolumeClaim of this name.
func (s *S) VolumeClaim(name string) probe.Look { return s.cluster.VolumeClaim(name) }

// Volumes looks at the phases of the PersistentVolumes that the claim's manifest creates.
func (s *S) Volumes() probe.Look { return s.cluster.VolumePhases(s.stage.Selector()) }

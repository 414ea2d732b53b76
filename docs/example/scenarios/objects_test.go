package scenarios

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"

	"github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/scenario"
)

// Custom looks are functions with a name, for what the handle does not offer. The record contains the text of their result's
// String method, or the result as fmt prints it.

// jobState looks at how a Job has ended: "Complete", "Failed: BackoffLimitExceeded", or "active" if it has not.
func jobState(s *scenario.S, name string) probe.Look {
	return probe.New("how Job "+name+" has ended", func(ctx context.Context) (string, error) {
		job, err := s.Client().BatchV1().Jobs(s.Namespace()).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		for _, c := range job.Status.Conditions {
			switch {
			case c.Status != corev1.ConditionTrue:
			case c.Type == batchv1.JobComplete:
				return "Complete", nil
			case c.Type == batchv1.JobFailed:
				return "Failed: " + c.Reason, nil
			}
		}
		return "active", nil
	})
}

// rollout is the command line in a Deployment's Pod template, and the reason of its condition Progressing.
type rollout struct{ Command, Progress string }

func (r rollout) String() string { return fmt.Sprintf("command %s, %s", r.Command, r.Progress) }

func rolloutOf(s *scenario.S, name string) probe.Look {
	return probe.New("the rollout of Deployment "+name, func(ctx context.Context) (rollout, error) {
		d, err := s.Client().AppsV1().Deployments(s.Namespace()).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return rollout{}, err
		}
		seen := rollout{Command: strings.Join(d.Spec.Template.Spec.Containers[0].Command, " ")}
		for _, c := range d.Status.Conditions {
			if c.Type == "Progressing" && d.Status.ObservedGeneration == d.Generation {
				seen.Progress = c.Reason
			}
		}
		return seen, nil
	})
}

// A custom matcher is a description in a few words and a test for one type of value.

func askFor(command string) match.Described {
	return match.That("ask for "+command, func(r rollout) bool { return r.Command == command })
}

func haveFailed() match.Described {
	return match.That("have made no progress for too long", func(r rollout) bool { return r.Progress == "ProgressDeadlineExceeded" })
}

func beSeveral() match.Described {
	return match.That("be several", func(pods []corev1.Pod) bool { return len(pods) > 1 })
}

// setCommand changes the command line in a Deployment's Pod template.
func setCommand(s *scenario.S, name string, command ...string) {
	value, err := json.Marshal(command)
	if err != nil {
		s.Fail("write %q as JSON: %v", command, err)
	}
	patch := fmt.Sprintf(`[{"op": "replace", "path": "/spec/template/spec/containers/0/command", "value": %s}]`, value)
	_, err = s.Client().AppsV1().Deployments(s.Namespace()).Patch(s.Context(), name, types.JSONPatchType, []byte(patch), metav1.PatchOptions{})
	if err != nil {
		s.Fail("set the command of Deployment %s to %q: %v", name, command, err)
	}
}

// setMode changes a ConfigMap and returns a look at the API server's answer.
func setMode(s *scenario.S, name, mode string) probe.Look {
	_, failed := s.Client().CoreV1().ConfigMaps(s.Namespace()).Patch(s.Context(), name, types.MergePatchType,
		[]byte(fmt.Sprintf(`{"data": {"mode": %q}}`, mode)), metav1.PatchOptions{})
	return probe.New("the API server's answer to a change of ConfigMap "+name, func(context.Context) (probe.Answer, error) {
		return probe.ServerAnswer(failed)
	})
}

// listPods looks at the API server's answer to a user who lists the Pods of a namespace.
func listPods(client kubernetes.Interface, user, namespace string) probe.Look {
	return probe.New("the API server's answer to "+user+" who lists the Pods of "+namespace, func(ctx context.Context) (probe.Answer, error) {
		_, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
		return probe.ServerAnswer(err)
	})
}

// serviceAccount returns the user name of an account of the claim's namespace, and a client with its permissions.
func serviceAccount(s *scenario.S, name string) (user string, client kubernetes.Interface) {
	user = "system:serviceaccount:" + s.Namespace() + ":" + name
	return user, s.As(user).Client
}

// kettle is the values of a stored custom resource's fields; a missing field is empty.
type kettle struct{ Litres, Colour, Extra string }

func (k kettle) String() string {
	return fmt.Sprintf("spec.litres %q, spec.colour %q, extra.colour %q", k.Litres, k.Colour, k.Extra)
}

func storedKettle(s *scenario.S, name string) probe.Look {
	return probe.New("Kettle "+name, func(ctx context.Context) (kettle, error) {
		client, err := dynamic.NewForConfig(s.RESTConfig())
		if err != nil {
			return kettle{}, err
		}
		kind := schema.GroupVersionResource{Group: "notes.example.com", Version: "v1", Resource: "kettles"}
		object, err := client.Resource(kind).Namespace(s.Namespace()).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return kettle{}, err
		}
		field := func(parent, name string) string {
			if fields, ok := object.Object[parent].(map[string]any); ok && fields[name] != nil {
				return fmt.Sprint(fields[name])
			}
			return ""
		}
		return kettle{field("spec", "litres"), field("spec", "colour"), field("extra", "colour")}, nil
	})
}

package stage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"

	"github.com/noteproof/noteproof/harness/probe"
)

// The labels of everything that a run creates.
const (
	LabelClaim = "noteproof.dev/claim"
	LabelRun   = "noteproof.dev/run"
)

// Props are the names that manifests use for what differs from cluster to cluster.
type Props struct {
	// Image is the workload image; a manifest says "agnhost".
	Image string
	// Workers are the names of the schedulable nodes; a manifest says "worker-1" for the first.
	Workers []string
	// Hostnames are the values of the label kubernetes.io/hostname of nodes; one that is missing is the node's name.
	Hostnames map[string]string
	// own is unique to the stage.
	own string
}

// Stage is one claim's namespace.
type Stage struct {
	Namespace string
	client    kubernetes.Interface
	dynamic   dynamic.Interface
	mapper    meta.RESTMapper
	props     Props
	labels    map[string]string
	options   Options
	opened    time.Time // by the second, as the API server reports times
	// foreign is set when the namespace was there before.
	foreign bool
	// onNodes is set when an object was given a folder on the nodes, which must then be removed.
	onNodes bool
	// elsewhere are the objects outside of the namespace, which deleting it does not take along.
	elsewhere []placed
	// undo are the changes to take back on objects outside of the namespace.
	undo []func(context.Context) error
}

type placed struct {
	resource dynamic.ResourceInterface
	name     string
	title    string
}

// Options say what a Stage is for.
type Options struct {
	Claim string // "pod.localhost"
	Run   string // short, unique to the run
	// Namespace is a name that must be just this one; empty means one made of Claim and Run.
	Namespace string
	Props     Props
	Client    kubernetes.Interface
	// Dynamic and Mapper are of the same cluster as Client.
	Dynamic dynamic.Interface
	Mapper  meta.RESTMapper
	// TryPods tries all Pods in dry runs before Apply creates anything.
	TryPods bool
}

// poll is how often a stage looks whether what it waits for has come.
const poll = 100 * time.Millisecond

// Open makes the namespace. The caller must Close the stage, also when Open returns an error with it.
func Open(ctx context.Context, o Options) (*Stage, error) {
	s := &Stage{
		Namespace: o.Namespace, client: o.Client, dynamic: o.Dynamic, mapper: o.Mapper, props: o.Props, options: o, opened: time.Now().Truncate(time.Second),
		labels: map[string]string{LabelClaim: o.Claim, LabelRun: o.Run},
	}
	s.props.own = "np-" + strings.ReplaceAll(o.Claim, ".", "-") + "-" + o.Run
	if s.Namespace == "" {
		s.Namespace = s.props.own
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.Namespace, Labels: s.labels}}
	tries := 0
	err := Persist(ctx, func(ctx context.Context) error {
		tries++
		_, err := o.Client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) && tries > 1 && o.Namespace == "" {
			return nil // a try before this one made it, and its answer was lost
		}
		return err
	})
	if err != nil {
		s.foreign = apierrors.IsAlreadyExists(err)
		if probe.RefusedByCluster(err) {
			return s, &Refusal{"namespace " + s.Namespace, err}
		}
		return s, fmt.Errorf("create namespace %s: %w", s.Namespace, err)
	}
	// A Pod is refused until the namespace has its default service account (admission plugin ServiceAccount). No Pod here
	// asks the API server anything, so none is given its token. A kubelet before 1.27 may go on mounting that for minutes
	// after the Pod was deleted, and until then the namespace stays.
	err = wait.PollUntilContextCancel(ctx, poll, true, func(ctx context.Context) (bool, error) {
		_, err := o.Client.CoreV1().ServiceAccounts(s.Namespace).Patch(ctx, "default", types.MergePatchType,
			[]byte(`{"automountServiceAccountToken":false}`), metav1.PatchOptions{})
		return err == nil, passing(err)
	})
	if err != nil {
		return s, fmt.Errorf("wait for the default service account of namespace %s: %w", s.Namespace, err)
	}
	return s, nil
}

// passing drops the errors that pass with time.
func passing(err error) error {
	if err == nil || apierrors.IsNotFound(err) || Transient(err) {
		return nil
	}
	return err
}

// Apply creates all objects of the manifest but those annotated Later, in order, under strict field validation. The error is
// a *Refusal when the cluster does not allow one.
func (s *Stage) Apply(ctx context.Context, manifest *Manifest) error {
	if s.options.TryPods {
		if err := s.tryPods(ctx, manifest); err != nil {
			return err
		}
	}
	for _, object := range manifest.Objects {
		if _, later := object.GetAnnotations()[Later]; later {
			continue
		}
		if err := s.Create(ctx, object); err != nil {
			return fmt.Errorf("apply %s: %w", manifest.Path, err)
		}
	}
	return nil
}

// Create creates one object on the stage, its props put in, under strict field validation. The object is not changed.
// An object outside of the namespace is given a name that no other run uses, but for a CustomResourceDefinition, whose name
// follows from what it defines; Create waits until the cluster serves that.
func (s *Stage) Create(ctx context.Context, object *unstructured.Unstructured) error {
	s.onNodes = s.onNodes || mentions(object.Object, NodeFolder)
	object = object.DeepCopy()
	object.Object = s.props.put(object.Object).(map[string]any)
	s.label(object)
	resource, inside, err := s.resource(object)
	if err != nil {
		return fmt.Errorf("create %s: %w", Name(object), err)
	}
	defines := object.GroupVersionKind().GroupKind() == customResourceDefinition
	if !inside && !defines {
		object.SetName(s.Elsewhere(object.GetName()))
	}
	tries := 0
	err = Persist(ctx, func(ctx context.Context) error {
		tries++
		_, err := resource.Create(ctx, object, metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict})
		if apierrors.IsAlreadyExists(err) && tries > 1 && s.made(ctx, resource, object.GetName()) {
			return nil // a try before this one made it, and its answer was lost
		}
		return err
	})
	if err != nil {
		return refusal(object, err)
	}
	if !inside {
		s.elsewhere = append(s.elsewhere, placed{resource, object.GetName(), Name(object)})
	}
	if defines {
		return s.served(ctx, object)
	}
	return nil
}

// made says whether an object is of this stage. One that somebody else made must not be taken for it: Close would delete it.
func (s *Stage) made(ctx context.Context, resource dynamic.ResourceInterface, name string) bool {
	there, err := resource.Get(ctx, name, metav1.GetOptions{})
	return err == nil && labels.SelectorFromSet(s.labels).Matches(labels.Set(there.GetLabels()))
}

var customResourceDefinition = schema.GroupKind{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}

// served waits until the cluster serves what a CustomResourceDefinition defines, and says so in its discovery.
func (s *Stage) served(ctx context.Context, definition *unstructured.Unstructured) error {
	group, _, _ := unstructured.NestedString(definition.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(definition.Object, "spec", "names", "kind")
	var last error
	err := wait.PollUntilContextCancel(ctx, poll, true, func(context.Context) (bool, error) {
		meta.MaybeResetRESTMapper(s.mapper)
		_, last = s.mapper.RESTMapping(schema.GroupKind{Group: group, Kind: kind})
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("wait until the cluster serves %s: %w", Name(definition), errors.Join(err, last))
	}
	return nil
}

// Elsewhere is the name that an object outside of the namespace is given, which the manifest calls so.
func (s *Stage) Elsewhere(name string) string { return s.props.own + "-" + name }

// Selector selects what the stage created, inside of the namespace and outside.
func (s *Stage) Selector() string { return labels.SelectorFromSet(s.labels).String() }

func (s *Stage) label(object *unstructured.Unstructured) {
	labels := object.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	for key, value := range s.labels {
		labels[key] = value
	}
	object.SetLabels(labels)
}

func (s *Stage) resource(object *unstructured.Unstructured) (resource dynamic.ResourceInterface, inside bool, err error) {
	kind := object.GroupVersionKind()
	mapping, err := s.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, false, fmt.Errorf("the cluster does not serve %s: %w", kind, err)
	}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return s.dynamic.Resource(mapping.Resource).Namespace(s.Namespace), true, nil
	}
	return s.dynamic.Resource(mapping.Resource), false, nil
}

// Close deletes all that the stage holds and waits until it is gone. Its error lists what hangs. Closing twice, or a
// stage whose namespace was never made, is fine; a namespace that was there before is left alone.
func (s *Stage) Close(ctx context.Context) error {
	if s.foreign {
		return nil
	}
	var errs []error
	for _, takeBack := range s.undo {
		errs = append(errs, takeBack(ctx))
	}
	for _, object := range s.elsewhere {
		if err := object.resource.Delete(ctx, object.name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("delete %s: %w", object.title, err))
		}
	}
	// Pods end at once here: nobody needs their last words any more, and the namespace waits for them.
	moment := int64(1)
	err := s.client.CoreV1().Pods(s.Namespace).DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: &moment}, metav1.ListOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		errs = append(errs, fmt.Errorf("delete the Pods of namespace %s: %w", s.Namespace, err))
	}
	err = s.client.CoreV1().Namespaces().Delete(ctx, s.Namespace, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		errs = append(errs, fmt.Errorf("delete namespace %s: %w", s.Namespace, err))
	}
	errs = append(errs, s.gone(ctx))
	if s.onNodes {
		errs = append(errs, s.sweep(ctx))
	}
	return errors.Join(errs...)
}

func (s *Stage) gone(ctx context.Context) error {
	left := "nothing was looked at"
	err := wait.PollUntilContextCancel(ctx, poll, true, func(ctx context.Context) (bool, error) {
		namespace, err := s.client.CoreV1().Namespaces().Get(ctx, s.Namespace, metav1.GetOptions{})
		if err == nil {
			left = hanging(namespace)
			return false, nil
		}
		if !apierrors.IsNotFound(err) {
			left = err.Error()
			return false, nil
		}
		for _, object := range s.elsewhere {
			if _, err := object.resource.Get(ctx, object.name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
				left = object.title + " is still there"
				return false, nil
			}
		}
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("namespace %s did not go: %s; see what holds it: kubectl describe namespace %[1]s", s.Namespace, left)
	}
	return nil
}

// hanging is what the namespace controller says of what it still waits for.
func hanging(namespace *corev1.Namespace) string {
	var words []string
	for _, c := range namespace.Status.Conditions {
		if c.Status == corev1.ConditionTrue {
			words = append(words, c.Message)
		}
	}
	if len(words) == 0 {
		return "it is " + string(namespace.Status.Phase)
	}
	return strings.Join(words, " ")
}

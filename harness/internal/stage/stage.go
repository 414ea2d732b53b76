package stage

import (
	"context"
	"errors"
	"fmt"
	"maps"
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

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/retry"
	"github.com/noteproof/noteproof/harness/probe"
)

// Labels of every object that a run creates.
const (
	LabelClaim = "noteproof.dev/claim"
	LabelRun   = "noteproof.dev/run"
)

// Props are values that differ from cluster to cluster and replace placeholders in manifests.
type Props struct {
	// Image is the workload image. It replaces "agnhost".
	Image string
	// Workers are the names of the schedulable nodes. The first one replaces "worker-1".
	Workers []string
	// Hostnames maps names of nodes to the values of their label kubernetes.io/hostname. A missing value is the node's name.
	Hostnames map[string]string
	// Adaptation is how Pods are adapted to somebody else's cluster; nil on one of our own.
	Adaptation *Adaptation
	// Spare is the node on which no Pod of the stage may run; empty if there is none.
	Spare string
	// ownName is unique to the stage.
	ownName string
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
	opened    time.Time // rounded down to the second, as the API server's times are
	// preexisting is set when the namespace already existed.
	preexisting bool
	annotations map[string]string // of cluster-scoped objects
	// usesNodeFolder is set when an object uses the folder on the nodes, which must then be removed.
	usesNodeFolder bool
	visited        visited // the nodes that may have the folder
	// clusterScoped are the objects outside of the namespace. They are not deleted with it.
	clusterScoped []clusterObject
	// undo reverts changes to objects outside of the namespace.
	undo []func(context.Context) error
}

type clusterObject struct {
	resource dynamic.ResourceInterface
	name     string
	title    string
}

// Options configure a Stage.
type Options struct {
	Claim string // "pod.localhost"
	Run   string // short, unique to the run
	// Within is how long the stage exists at the most. After that, another run may remove what is left of it.
	Within time.Duration
	// NodeFolder is set if Pods of the stage may use the folder NodeFolder of nodes.
	NodeFolder bool
	// Sweeps are folders of nodes that Pods of the stage are to remove.
	Sweeps []string
	// Namespace is the namespace's exact name. If it is empty, Open derives the name from Claim and Run.
	Namespace string
	Props     Props
	Client    kubernetes.Interface
	// Dynamic and Mapper belong to the same cluster as Client.
	Dynamic dynamic.Interface
	Mapper  meta.RESTMapper
	// TryPods tries all Pods in dry runs before Apply creates anything.
	TryPods bool
	// ClusterScoped allows changes to objects outside of the namespace, and NodeLabels to labels of nodes.
	ClusterScoped, NodeLabels bool
	// Allowed returns whether somebody else's cluster may be used in this way. It is nil on one of our own, where all is allowed.
	Allowed func(environ.Permission) bool
	// Hanging is set where namespaces do not go completely, because an aggregated API does not answer. Close does not wait for more
	// than that all in them is gone.
	Hanging bool
	// RemoveOnNode removes a directory of a node. If it is nil, Close creates Pods that do.
	RemoveOnNode func(ctx context.Context, node, path string) error
}

// ErrInterrupted is wrapped by the cause of a context that ends because the run was interrupted. Nothing that takes long is begun then.
var ErrInterrupted = errors.New("the run was interrupted")

// ownName is unique to a stage.
func ownName(claim, run string) string {
	return "np-" + strings.ReplaceAll(claim, ".", "-") + "-" + run
}

// swept is the suffix of the claim for whose stage a stage cleans up nodes.
const swept = ".sweep"

// OwnNamespaces returns the names of the namespaces that a stage may have.
func OwnNamespaces(claim, run string) []string {
	return []string{ownName(claim, run), ownName(claim+swept, run)}
}

// pollInterval is the interval between two checks while a stage waits.
const pollInterval = 100 * time.Millisecond

// Open creates the namespace. The caller must Close the returned stage, even after an error.
func Open(ctx context.Context, o Options) (*Stage, error) {
	s := &Stage{
		Namespace: o.Namespace, client: o.Client, dynamic: o.Dynamic, mapper: o.Mapper, props: o.Props, options: o, opened: time.Now().Truncate(time.Second),
		labels: map[string]string{LabelClaim: o.Claim, LabelRun: o.Run},
	}
	s.props.ownName = ownName(o.Claim, o.Run)
	if s.Namespace == "" {
		s.Namespace = s.props.ownName
	}
	s.annotations = ownedUntil(o.Within)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.Namespace, Labels: s.labels, Annotations: maps.Clone(s.annotations)}}
	folders := o.Sweeps
	if o.NodeFolder {
		folders = append(folders, s.props.nodeFolder())
	}
	if len(folders) > 0 {
		namespace.Annotations[annotationFolders] = strings.Join(folders, ",")
	}
	err := retry.Create(ctx, func(ctx context.Context) error {
		_, err := o.Client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{})
		return err
	}, s.ownsNamespace)
	if err != nil {
		s.preexisting = apierrors.IsAlreadyExists(err)
		if probe.RefusedByCluster(err) {
			return s, &Refusal{"namespace " + s.Namespace, err}
		}
		return s, fmt.Errorf("create namespace %s: %w", s.Namespace, err)
	}
	// Pods are rejected until the namespace has its default service account (admission plugin ServiceAccount). No Pod of a
	// stage calls the API server, so none gets a token: a kubelet before 1.27 may keep mounting the token for minutes after
	// the Pod was deleted, which delays the deletion of the namespace.
	err = wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		err := retry.Do(ctx, func(ctx context.Context) error { // a platform may give the account its rights in the namespace a moment later
			_, err := o.Client.CoreV1().ServiceAccounts(s.Namespace).Patch(ctx, "default", types.MergePatchType,
				[]byte(`{"automountServiceAccountToken":false}`), metav1.PatchOptions{})
			return err
		})
		return err == nil, ignoreTransient(err)
	})
	if err != nil {
		return s, fmt.Errorf("wait for the default service account of namespace %s: %w", s.Namespace, err)
	}
	return s, nil
}

// ownsNamespace reports whether the namespace is of this stage. Close would delete one of somebody else's.
func (s *Stage) ownsNamespace(ctx context.Context) bool {
	existing, err := s.client.CoreV1().Namespaces().Get(ctx, s.Namespace, metav1.GetOptions{})
	return err == nil && labels.SelectorFromSet(s.labels).Matches(labels.Set(existing.Labels))
}

// ignoreTransient returns nil for NotFound and transient errors, and any other error unchanged.
func ignoreTransient(err error) error {
	if err == nil || apierrors.IsNotFound(err) || retry.Transient(err) {
		return nil
	}
	return err
}

// Apply creates the objects of the manifest in order, except those annotated Later, with strict field validation. The error is
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

// Create creates a copy of the object on the stage, with the Props substituted and the stage's labels, with strict field
// validation. A cluster-scoped object gets a name that no other run uses. A CustomResourceDefinition keeps its name, which
// must match what it defines; Create waits until the cluster serves the defined kind.
func (s *Stage) Create(ctx context.Context, object *unstructured.Unstructured) error {
	if !s.usesNodeFolder && mentions(object.Object, NodeFolder) {
		s.usesNodeFolder = true
		if s.options.RemoveOnNode == nil {
			if err := s.visited.watch(s.client, s.Namespace); err != nil {
				return err
			}
		}
	}
	object = s.prepare(object)
	var resource dynamic.ResourceInterface
	namespaced := false
	err := retry.Do(ctx, func(context.Context) (err error) {
		resource, namespaced, err = s.resource(object)
		return err
	})
	if err != nil {
		return fmt.Errorf("create %s: %w", Name(object), err)
	}
	if !namespaced && !s.options.ClusterScoped {
		return fmt.Errorf("%s is outside of the claim's namespace: the claim must need %s", Name(object), claim.ClusterMutation)
	}
	defines := object.GroupVersionKind().GroupKind() == customResourceDefinition
	if !namespaced {
		s.annotate(object)
		if !defines {
			object.SetName(s.Elsewhere(object.GetName()))
		}
	}
	err = retry.Create(ctx, func(ctx context.Context) error {
		_, err := resource.Create(ctx, object, metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict})
		return err
	}, func(ctx context.Context) bool { return s.owns(ctx, resource, object.GetName()) })
	if err != nil {
		return refusal(object, err)
	}
	if !namespaced {
		s.clusterScoped = append(s.clusterScoped, clusterObject{resource, object.GetName(), Name(object)})
	}
	if defines {
		return s.waitServed(ctx, object)
	}
	return nil
}

// prepare returns a copy of an object of the manifest as it is to be on this cluster.
func (s *Stage) prepare(object *unstructured.Unstructured) *unstructured.Unstructured {
	allowed := s.options.Allowed
	if s.props.Adaptation != nil && s.props.Adaptation.Restricted { // the cluster refuses privileged Pods, whoever allowed them
		allowed = func(environ.Permission) bool { return false }
	}
	object = permitted(object, allowed).DeepCopy()
	object.Object = s.props.substitute(object.Object).(map[string]any)
	if s.props.Adaptation != nil {
		s.props.Adaptation.Apply(object)
	}
	s.label(object)
	return object
}

// owns reports whether an object has the labels of this stage. Close must not delete an object that somebody else created.
func (s *Stage) owns(ctx context.Context, resource dynamic.ResourceInterface, name string) bool {
	found, err := resource.Get(ctx, name, metav1.GetOptions{})
	return err == nil && labels.SelectorFromSet(s.labels).Matches(labels.Set(found.GetLabels()))
}

var customResourceDefinition = schema.GroupKind{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}

// waitServed waits until the cluster's discovery lists the kind that a CustomResourceDefinition defines.
func (s *Stage) waitServed(ctx context.Context, definition *unstructured.Unstructured) error {
	group, _, _ := unstructured.NestedString(definition.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(definition.Object, "spec", "names", "kind")
	var last error
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(context.Context) (bool, error) {
		meta.MaybeResetRESTMapper(s.mapper)
		_, last = s.mapper.RESTMapping(schema.GroupKind{Group: group, Kind: kind})
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("wait until the cluster serves %s: %w", Name(definition), errors.Join(err, last))
	}
	return nil
}

// Elsewhere returns the name on the cluster of a cluster-scoped object that has this name in the manifest.
func (s *Stage) Elsewhere(name string) string { return s.props.ownName + "-" + name }

// Selector returns a label selector for all objects that the stage created, namespaced or cluster-scoped.
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

// annotate says on a cluster-scoped object whose it is.
func (s *Stage) annotate(object *unstructured.Unstructured) {
	annotations := maps.Clone(s.annotations)
	maps.Copy(annotations, object.GetAnnotations())
	object.SetAnnotations(annotations)
}

func (s *Stage) resource(object *unstructured.Unstructured) (resource dynamic.ResourceInterface, namespaced bool, err error) {
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

// Close deletes everything that the stage created and waits until it is gone. Its error says what was not deleted. Close can be
// called twice, or on a stage whose namespace was not created. It does not delete a namespace that already existed.
func (s *Stage) Close(ctx context.Context) error {
	if s.preexisting {
		return nil
	}
	var errs []error
	defer s.visited.stop()
	for _, revert := range s.undo {
		errs = append(errs, revert(ctx))
	}
	for _, object := range s.clusterScoped {
		err := retry.Delete(ctx, func(ctx context.Context) error {
			return object.resource.Delete(ctx, object.name, metav1.DeleteOptions{})
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("delete %s: %w", object.title, err))
		}
	}
	// A short grace period: a graceful shutdown no longer matters, and the namespace is not deleted before its Pods are.
	seconds := int64(1)
	err := retry.Delete(ctx, func(ctx context.Context) error {
		return s.client.CoreV1().Pods(s.Namespace).DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: &seconds}, metav1.ListOptions{})
	})
	if err != nil {
		errs = append(errs, fmt.Errorf("delete the Pods of namespace %s: %w", s.Namespace, err))
	}
	err = retry.Delete(ctx, func(ctx context.Context) error {
		return s.client.CoreV1().Namespaces().Delete(ctx, s.Namespace, metav1.DeleteOptions{})
	})
	if err != nil {
		errs = append(errs, fmt.Errorf("delete namespace %s: %w", s.Namespace, err))
	}
	errs = append(errs, s.waitDeleted(ctx))
	if s.usesNodeFolder {
		errs = append(errs, s.sweepNodes(ctx))
	}
	return errors.Join(errs...)
}

// deletedEvery is the interval between two looks at what is being deleted. The namespace controller takes at least 5 s
// (namespaceDeletionGracePeriod), and many stages may wait at the same time.
const deletedEvery = 500 * time.Millisecond

// waitDeleted waits until the namespace and the cluster-scoped objects are gone.
func (s *Stage) waitDeleted(ctx context.Context) error {
	left := "its state is unknown"
	err := wait.PollUntilContextCancel(ctx, deletedEvery, true, func(ctx context.Context) (bool, error) {
		namespace, err := s.client.CoreV1().Namespaces().Get(ctx, s.Namespace, metav1.GetOptions{})
		if err == nil {
			left = deletionState(namespace)
			return s.options.Hanging && emptied(namespace), nil
		}
		if !apierrors.IsNotFound(err) {
			left = err.Error()
			return false, nil
		}
		for _, object := range s.clusterScoped {
			if _, err := object.resource.Get(ctx, object.name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
				left = object.title + " still exists"
				return false, nil
			}
		}
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("namespace %s was not deleted: %s; for the reason see kubectl describe namespace %[1]s", s.Namespace, left)
	}
	return nil
}

// emptied returns whether the namespace controller has deleted all that it can find in a namespace, and would delete the namespace if it
// could find out about all kinds.
func emptied(namespace *corev1.Namespace) bool {
	status := map[corev1.NamespaceConditionType]corev1.ConditionStatus{}
	for _, c := range namespace.Status.Conditions {
		status[c.Type] = c.Status
	}
	return status[corev1.NamespaceDeletionDiscoveryFailure] == corev1.ConditionTrue &&
		status[corev1.NamespaceContentRemaining] == corev1.ConditionFalse && status[corev1.NamespaceFinalizersRemaining] == corev1.ConditionFalse
}

// deletionState returns the namespace controller's messages on what it still waits for.
func deletionState(namespace *corev1.Namespace) string {
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

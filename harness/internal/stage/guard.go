package stage

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"

	"github.com/noteproof/noteproof/harness/internal/environ"
)

// Guard keeps every client of a claim within what somebody else's cluster permits, also when the claim's body uses it directly: it refuses
// requests that would change more, before they are sent.
type Guard struct {
	// Namespaces are the claim's own.
	Namespaces []string
	// Allowed returns whether a permission was given.
	Allowed func(environ.Permission) bool
	// Refused is called with the first reason of each request that is refused. It may be called concurrently.
	Refused func(Denied)
}

// Wrap is a transport.WrapperFunc.
func (g Guard) Wrap(next http.RoundTripper) http.RoundTripper { return guarded{g, next} }

type guarded struct {
	Guard
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (g guarded) RoundTrip(request *http.Request) (*http.Response, error) {
	denied, err := g.check(request)
	if err == nil && len(denied) > 0 {
		g.Refused(denied)
		err = denied
	}
	if err != nil {
		if request.Body != nil {
			_ = request.Body.Close() // as a RoundTripper must
		}
		return nil, err
	}
	return g.next.RoundTrip(request)
}

// target is what a request is about.
type target struct {
	group, namespace, resource, name, subresource string
}

// targetOf reads the path of a request, which may have a prefix, such as that of a proxy before the API server.
func targetOf(path string) (target, bool) {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	at := slices.IndexFunc(segments, func(s string) bool { return s == "api" || s == "apis" })
	t := target{}
	switch {
	case at < 0:
		return t, false
	case segments[at] == "api":
		segments = segments[min(at+2, len(segments)):] // and the version
	case len(segments) > at+2:
		t.group, segments = segments[at+1], segments[at+3:]
	default:
		return t, false
	}
	if len(segments) > 2 && segments[0] == "namespaces" && !slices.Contains([]string{"status", "finalize"}, segments[2]) {
		t.namespace, segments = segments[1], segments[2:]
	}
	for i, field := range []*string{&t.resource, &t.name, &t.subresource} {
		if i < len(segments) {
			*field = segments[i]
		}
	}
	return t, t.resource != ""
}

// commands are subresources that run something in a Pod, also by a GET.
var commands = []string{"exec", "attach", "portforward"}

// check returns what a request demands that is not allowed.
func (g Guard) check(request *http.Request) (Denied, error) {
	t, known := targetOf(request.URL.Path)
	reads := request.Method == http.MethodGet || request.Method == http.MethodHead || request.Method == http.MethodOptions
	stores := request.URL.Query().Get("dryRun") == ""
	switch {
	case !known, reads && !slices.Contains(commands, t.subresource), !stores:
		return nil, nil
	case t.group == "authorization.k8s.io", t.group == "authentication.k8s.io": // they only ask
		return nil, nil
	case t.resource == "namespaces" && t.namespace == "":
		return g.checkNamespace(request, t)
	case t.resource == "nodes" && t.subresource == "" && g.Allowed(environ.BreakNodes): // to declare one out of service
		return nil, nil
	case t.resource == "nodes" && t.subresource == "":
		return g.checkNode(request, t)
	case !slices.Contains(g.Namespaces, t.namespace):
		return g.denied(Demand{environ.ClusterObjects, fmt.Sprintf("%s of %s/%s %s outside of the claim's namespace", request.Method, t.resource, t.name, t.namespace)}), nil
	}
	object, err := sent(request, t)
	if object == nil || err != nil {
		return nil, err
	}
	return g.denied(Demands(object)...), nil
}

// checkNode checks a request about a node by which it would not be declared out of service, or cordoned or deleted.
func (g Guard) checkNode(request *http.Request, t target) (Denied, error) {
	object, err := sent(request, t)
	if err != nil {
		return nil, err
	}
	if request.Method == http.MethodPatch && object != nil && labelsOnly(object) {
		return g.denied(Demand{environ.NodeLabels, "a label of node " + t.name}), nil
	}
	return g.denied(Demand{environ.BreakNodes, "a change of node " + t.name}), nil
}

// labelsOnly reports whether a merge patch changes labels and annotations only.
func labelsOnly(patch *unstructured.Unstructured) bool {
	for key := range patch.Object {
		if !slices.Contains([]string{"apiVersion", "kind", "metadata"}, key) {
			return false
		}
	}
	metadata, _, err := unstructured.NestedMap(patch.Object, "metadata")
	for key := range metadata {
		if !slices.Contains([]string{"name", "labels", "annotations"}, key) {
			return false
		}
	}
	return err == nil
}

// checkNamespace checks a request about a namespace itself, which may be the claim's own.
func (g Guard) checkNamespace(request *http.Request, t target) (Denied, error) {
	name := t.name
	if request.Method == http.MethodPost && name == "" {
		object, err := sent(request, t)
		if err != nil || object == nil {
			return nil, err
		}
		name = object.GetName()
	}
	if slices.Contains(g.Namespaces, name) {
		return nil, nil
	}
	return g.denied(Demand{environ.ClusterObjects, "namespace/" + name + " is not the claim's own"}), nil
}

// denied returns the demands that are not allowed.
func (g Guard) denied(demands ...Demand) Denied {
	return slices.DeleteFunc(demands, func(d Demand) bool { return g.Allowed(d.Permission) })
}

// patched are the kinds of resources whose patches may demand something, which do not name their kind.
var patched = map[string]string{"pods": "Pod", "services": "Service", "ingresses": "Ingress", "cronjobs": "CronJob"}

// sent returns the object in the body of a request; nil if there is none. The body can be read again.
func sent(request *http.Request, t target) (*unstructured.Unstructured, error) {
	if request.Body == nil || request.Method == http.MethodDelete || t.subresource == "proxy" {
		return nil, nil
	}
	body, err := io.ReadAll(request.Body)
	if err == nil {
		err = request.Body.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) == 0 {
		return nil, nil
	}
	object := &unstructured.Unstructured{}
	switch contentType := request.Header.Get("Content-Type"); {
	case strings.HasPrefix(contentType, string(types.JSONPatchType)):
		return nil, fmt.Errorf("refuse a JSON patch of %s/%s: on an existing cluster only merge patches can be checked", t.resource, t.name)
	case strings.HasPrefix(contentType, runtime.ContentTypeProtobuf):
		typed, kind, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
		if err != nil {
			return nil, fmt.Errorf("check the request: %w", err)
		}
		if object.Object, err = runtime.DefaultUnstructuredConverter.ToUnstructured(typed); err != nil {
			return nil, fmt.Errorf("check the request: %w", err)
		}
		object.SetGroupVersionKind(*kind)
	case strings.Contains(contentType, "json"), strings.Contains(contentType, "yaml"), contentType == "":
		if err := yaml.Unmarshal(body, &object.Object); err != nil {
			return nil, nil // the API server, which decodes it in the same way, rejects it
		}
	default:
		return nil, fmt.Errorf("refuse a request of type %s about %s/%s, which cannot be checked", contentType, t.resource, t.name)
	}
	if object.GetKind() == "" {
		object.SetKind(cmp.Or(patched[t.resource], t.resource))
		object.SetAPIVersion(strings.TrimPrefix(t.group+"/v1", "/"))
		object.SetName(t.name)
	}
	return object, nil
}

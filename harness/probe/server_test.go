package probe

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/gomega"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// refusal returns an API server's refusal with this code and reason.
func refusal(code int32, reason metav1.StatusReason, message string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: code, Reason: reason, Message: message}}
}

// stranger is an API server's message to a user without permission.
const stranger = `services "web" is forbidden: User "stranger" cannot get resource "services/proxy" in API group "" in the namespace "np-1"`

func TestServerAnswer(t *testing.T) {
	pods := schema.GroupResource{Resource: "pods"}
	budget := []metav1.StatusCause{{Type: policyv1.DisruptionBudgetCause, Message: "The disruption budget web needs 1 healthy pods"}}
	invalid := apierrors.NewInvalid(schema.GroupKind{Kind: "Service"}, "web", field.ErrorList{field.Invalid(field.NewPath("spec", "ports"), 1, "not in the valid range")})
	for name, test := range map[string]struct {
		err  error
		want Answer
	}{
		"accepted":  {nil, Answer{Status: 200, Body: "accepted"}},
		"not read":  {apierrors.NewBadRequest(`unknown field "sepc"`), Answer{Status: 400, Body: `unknown field "sepc"`, Reason: "BadRequest"}},
		"not found": {fmt.Errorf("label x: %w", apierrors.NewNotFound(pods, "x")), Answer{Status: 404, Body: `pods "x" not found`, Reason: "NotFound"}},
		"invalid": {invalid, Answer{
			Status: 422, Body: invalid.Error(), Reason: "Invalid",
			Causes: []metav1.StatusCause{{Type: "FieldValueInvalid", Message: "Invalid value: 1: not in the valid range", Field: "spec.ports"}},
		}},
		"a budget": {&apierrors.StatusError{ErrStatus: metav1.Status{Code: 429, Reason: metav1.StatusReasonTooManyRequests, Message: "no", Details: &metav1.StatusDetails{Causes: budget}}},
			Answer{Status: 429, Body: "no", Reason: metav1.StatusReasonTooManyRequests, Causes: budget}},
		"forbidden": {refusal(403, metav1.StatusReasonForbidden, stranger), Answer{Status: 403, Body: stranger, Reason: "Forbidden"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			test.want.Connected = true
			answer, err := ServerAnswer(test.err)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(answer).To(Equal(test.want))
		})
	}
}

func TestWhatAClusterDoesNotAllow(t *testing.T) {
	const forbidden = metav1.StatusReasonForbidden
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"accepted":             {nil, false},
		"policy, invalid":      {refusal(422, metav1.StatusReasonInvalid, `pods "web" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no limits`), true},
		"webhook, bad request": {refusal(400, metav1.StatusReasonBadRequest, `admission webhook "validate.kyverno.svc-fail" denied the request: no limits`), true},
		"quota":                {refusal(403, forbidden, `services "web" is forbidden: exceeded quota: ports`), true},
		"Pod Security":         {fmt.Errorf("create: %w", refusal(403, forbidden, `pods "web" is forbidden: violates PodSecurity "restricted:latest"`)), true},
		"rights":               {refusal(403, forbidden, stranger), true},
		"webhook away":         {apierrors.NewInternalError(errors.New(`failed calling webhook "policy.example.com": connection refused`)), false},
		"invalid":              {apierrors.NewBadRequest("no such field"), false},
		"no service account":   {refusal(403, forbidden, `pods "web" is forbidden: error looking up service account np-1/default: serviceaccount "default" not found`), false},
		"namespace going":      {refusal(403, forbidden, `pods "web" is forbidden: unable to create new content in namespace np-1 because it is being terminated`), false},
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(RefusedByCluster(c.err)).To(Equal(c.want)) })
	}
}

func TestErrorsThatAreNoAnswerOfTheServer(t *testing.T) {
	const forbidden = metav1.StatusReasonForbidden
	for name, serverErr := range map[string]error{
		"busy":                  apierrors.NewTooManyRequestsError("later"),
		"broken":                apierrors.NewInternalError(errors.New("etcd is away")),
		"unreachable":           errors.New("connection reset"),
		"no credentials":        apierrors.NewUnauthorized("Unauthorized"),
		"conflict":              apierrors.NewConflict(schema.GroupResource{Resource: "pods"}, "x", errors.New("modified")),
		"timeout":               apierrors.NewTimeoutError("etcd", 1),
		"expired":               apierrors.NewResourceExpired("too old"),
		"no reason":             refusal(400, "", "no"),
		"impersonation":         refusal(403, forbidden, `users "stranger" is forbidden: User "me" cannot impersonate resource "users" in API group "" at the cluster scope`),
		"quota":                 refusal(403, forbidden, `services "web" is forbidden: exceeded quota: ports, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1`),
		"Pod Security":          refusal(403, forbidden, `pods "web" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false`),
		"limit range":           refusal(403, forbidden, `pods "web" is forbidden: maximum memory usage per Container is 1Gi, but limit is 3Gi`),
		"no service account":    refusal(403, forbidden, `pods "web" is forbidden: error looking up service account np-1/default: serviceaccount "default" not found`),
		"namespace going":       refusal(403, forbidden, `pods "web" is forbidden: unable to create new content in namespace np-1 because it is being terminated`),
		"another 403":           refusal(403, forbidden, "forbidden"),
		"webhook, forbidden":    refusal(403, forbidden, `admission webhook "policy.example.com" denied the request: User "x" cannot do this`),
		"webhook, bad request":  refusal(400, metav1.StatusReasonBadRequest, `admission webhook "validate.kyverno.svc-fail" denied the request: no limits`),
		"policy, invalid":       refusal(422, metav1.StatusReasonInvalid, `pods "web" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no limits`),
		"policy, cannot mutate": refusal(422, metav1.StatusReasonInvalid, `pods "web" is forbidden: MutatingAdmissionPolicy 'p' with binding 'b' denied request: no`),
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			answer, err := ServerAnswer(serverErr)
			g.Expect(err).To(MatchError(serverErr))
			g.Expect(answer).To(BeZero())
		})
	}
}

// served returns a Cluster, as seen by a user, whose API server has one Pod and gives this answer to all other requests.
func served(t *testing.T, user string, status int, body string) Cluster {
	t.Helper()
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodGet && r.URL.Path == "/api/v1/namespaces/np-1/pods" {
			_, _ = fmt.Fprint(w, `{"kind": "PodList", "apiVersion": "v1", "items": [{"metadata": {"name": "web", "namespace": "np-1"}}]}`)
			return
		}
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	config := &rest.Config{Host: server.URL, Impersonate: rest.ImpersonationConfig{UserName: user}}
	client, err := kubernetes.NewForConfig(config)
	g.Expect(err).NotTo(HaveOccurred())
	return Cluster{Client: client, Config: config, Namespace: "np-1"}
}

// statusForbidden returns an API server's refusal in its serialized form.
func statusForbidden(message string) string {
	return fmt.Sprintf(`{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403, "message": %q}`, message)
}

func TestServiceProxy(t *testing.T) {
	for name, test := range map[string]struct {
		user   string
		status int
		body   string
		want   Answer
		err    string
	}{
		"answered":               {"operator", 200, "web-1\n", Answer{Status: 200, Connected: true, Body: "web-1"}, ""},
		"the user may not":       {"stranger", 403, statusForbidden(stranger), Answer{Status: 403, Connected: true, Body: stranger, Reason: "Forbidden"}, ""},
		"another user may not":   {"operator", 403, statusForbidden(stranger), Answer{}, "another user than operator"},
		"we may not impersonate": {"stranger", 403, statusForbidden(`users "stranger" is forbidden: User "me" cannot impersonate resource "users"`), Answer{}, "no answer to the request itself"},
		"no credentials":         {"stranger", 401, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Unauthorized", "code": 401}`, Answer{}, "no answer to the request itself"},
		"no endpoints":           {"operator", 503, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "ServiceUnavailable", "code": 503}`, Answer{}, "no answer to the request itself"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			answer, err := served(t, test.user, test.status, test.body).ServiceProxy("web", 80, "/hostname").Ask(t.Context())
			if test.err != "" {
				g.Expect(err).To(MatchError(ContainSubstring(test.err)))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(answer).To(Equal(test.want))
		})
	}
}

func TestPortForwardThatIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		err    string
	}{
		"the user may not":       {403, statusForbidden(stranger), ""},
		"we may not impersonate": {403, statusForbidden(`users "stranger" is forbidden: User "me" cannot impersonate resource "users"`), "no answer to the request itself"},
		"another user may not":   {403, statusForbidden(`pods "web" is forbidden: User "me" cannot create resource "pods/portforward"`), "another user than stranger"},
		"no credentials":         {401, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Unauthorized", "code": 401}`, "forward a port"},
		"no stream":              {400, "", "forward a port"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			cluster := served(t, "stranger", test.status, test.body)
			answer, err := cluster.PortForward(cluster.Pods("app=web"), 8080, "/hostname").Ask(t.Context())
			if test.err != "" {
				g.Expect(err).To(MatchError(ContainSubstring(test.err)))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(answer).To(Equal(Answer{Status: 403, Connected: true, Body: stranger, Reason: "Forbidden"}))
		})
	}
}

package probe

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/client-go/rest"
)

func TestKubectlFailure(t *testing.T) {
	const none = "No resources found in kubernetes-dashboard namespace.\n"
	const help = "See 'kubectl create -h' for help and examples\n"
	const notFound = `Error from server (NotFound): secrets "admin-user-by-hand" not found`
	for name, test := range map[string]struct {
		out Output
		err string
	}{
		"a token":                {Output{Stdout: "eyJ"}, ""},
		"none, asked twice":      {Output{Stderr: none + none}, ""},
		"none at all":            {Output{Stderr: "No resources found\n"}, ""},
		"not found":              {Output{ExitCode: 1, Stderr: notFound + "\n"}, ""},
		"not found in a pipe":    {Output{Stderr: notFound + "\n"}, ""},
		"unknown subcommand":     {Output{ExitCode: 1, Stderr: "Error: must specify one of -f and -k\n\nerror: unknown command \"token admin-user\"\n" + help}, ""},
		"unknown, in a pipe":     {Output{Stdout: "eyJ", Stderr: "error: unknown command \"token admin-user\"\n" + help}, ""},
		"a warning":              {Output{Stderr: "Warning: v1 is deprecated\n"}, ""},
		"the engine warns":       {Output{Stderr: "WARN[0000] Using cgroups-v1\ntime=\"2024-01-01\" level=warning msg=\"x\"\n"}, ""},
		"an aggregated API":      {Output{Stderr: "E0425 10:00:00.000000 1 memcache.go:287] \"Unhandled Error\" err=\"couldn't get resource list for metrics.k8s.io/v1beta1: the server is currently unable to handle the request\"\n" + none}, ""},
		"the core API":           {Output{Stderr: "E0425 10:00:00.000000 1 memcache.go:287] couldn't get resource list for v1: unknown\n" + none}, "v1"},
		"unauthorized":           {Output{ExitCode: 1, Stderr: "error: You must be logged in to the server (Unauthorized)\n"}, "Unauthorized"},
		"the inner unauthorized": {Output{Stderr: "error: You must be logged in to the server (Unauthorized)\n" + none}, "Unauthorized"},
		"forbidden":              {Output{ExitCode: 1, Stderr: "Error from server (Forbidden): secrets is forbidden\n"}, "Forbidden"},
		"the inner forbidden":    {Output{Stderr: none + "Error from server (Forbidden): secrets is forbidden\n"}, "Forbidden"},
		"etcd":                   {Output{Stderr: "Error from server: etcdserver: request timed out\n"}, "etcdserver"},
		"I/O timeout":            {Output{Stderr: "Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout\n"}, "i/o timeout"},
		"overloaded":             {Output{Stderr: "Error from server (ServiceUnavailable): the server is currently unable to handle the request\n"}, "unable to handle"},
		"refused":                {Output{Stderr: "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?\n"}, "was refused"},
		"discovery":              {Output{Stderr: "E0425 10:00:00.000000 1 memcache.go:265] couldn't get current server API group list\n"}, "memcache"},
		"no token request":       {Output{ExitCode: 1, Stderr: "error: failed to create token: the server could not find the requested resource\n"}, "could not find"},
		"namespace gone":         {Output{ExitCode: 1, Stderr: `Error from server (NotFound): namespaces "kubernetes-dashboard" not found` + "\n"}, "namespaces"},
		"no kubectl":             {Output{Stderr: "sh: 1: kubectl: not found\n"}, "not found"},
		"silent failure":         {Output{ExitCode: 1}, "without a reason"},
		"unexplained failure":    {Output{ExitCode: 1, Stderr: none}, "without a reason"},
		"killed":                 {Output{ExitCode: 137, Stdout: "eyJ"}, "without a reason"},
	} {
		t.Run(name, func(t *testing.T) {
			err := kubectlFailure(test.out)
			if test.err == "" {
				NewWithT(t).Expect(err).NotTo(HaveOccurred())
				return
			}
			NewWithT(t).Expect(err).To(MatchError(ContainSubstring(test.err)))
		})
	}
}

// jwt has the form of a token, without a valid signature.
const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl"

func TestTokensOf(t *testing.T) {
	const admin = "system:serviceaccount:kubernetes-dashboard:admin-user"
	reviewed := func(user string) string {
		return fmt.Sprintf(`{"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1", "status": {"userInfo": {"username": %q}}}`, user)
	}
	status := func(reason string, code int, message string) string {
		return fmt.Sprintf(`{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": %q, "code": %d, "message": %q}`, reason, code, message)
	}
	for name, test := range map[string]struct {
		kubectl string // what kubectl does
		code    int    // of the answer to the SelfSubjectReview
		review  string
		secrets int // the code of the answer to a list of Secrets
		want    []Bearer
		err     string
	}{
		"no token":                 {"echo No resources found >&2", 201, reviewed(admin), 200, nil, ""},
		"signs in":                 {"echo " + jwt, 201, reviewed(admin), 200, []Bearer{admin}, ""},
		"turned away":              {"echo " + jwt, 401, status("Unauthorized", 401, "Unauthorized"), 200, []Bearer{""}, ""},
		"an old server forbids":    {"echo " + jwt, 404, status("NotFound", 404, "the server could not find the requested resource"), 403, []Bearer{admin}, ""},
		"an old server turns away": {"echo " + jwt, 404, status("NotFound", 404, "the server could not find the requested resource"), 401, []Bearer{""}, ""},
		"an old server accepts":    {"echo " + jwt, 404, status("NotFound", 404, "the server could not find the requested resource"), 200, nil, "does not name its user"},
		"a review without a name":  {"echo " + jwt, 201, reviewed(""), 200, nil, "does not name its user"},
		"a server in trouble":      {"echo " + jwt, 500, status("InternalError", 500, "etcd is away"), 200, nil, "etcd is away"},
		"kubectl in trouble":       {"echo " + jwt + "; echo 'error: Unauthorized' >&2", 201, reviewed(admin), 200, nil, "kubectl got no answer: error: Unauthorized"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				g.Expect(r.Header.Get("Authorization")).To(Equal("Bearer " + jwt))
				w.Header().Set("Content-Type", "application/json")
				code, body := test.code, test.review
				if r.Method == http.MethodGet {
					code = test.secrets
					body = map[int]string{
						200: `{"kind": "SecretList", "apiVersion": "v1"}`, 401: status("Unauthorized", 401, "Unauthorized"),
						403: status("Forbidden", 403, `secrets is forbidden: User "`+admin+`" cannot list resource "secrets" in API group "" in the namespace "kube-system"`),
					}[code]
				}
				w.WriteHeader(code)
				_, _ = fmt.Fprint(w, body)
			}))
			defer server.Close()
			cluster := Cluster{Config: &rest.Config{Host: server.URL}}
			tokens, err := cluster.TokensOf(here(program(t, "kubectl", test.kubectl)), "kubectl describe secret").Ask(t.Context())
			if test.err != "" {
				g.Expect(err).To(MatchError(ContainSubstring(test.err)))
				g.Expect(err.Error()).NotTo(ContainSubstring("eyJ"))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(tokens.(Tokens).Bearers).To(Equal(test.want))
			g.Expect(tokens.(Tokens).Output).NotTo(ContainSubstring("eyJ"))
		})
	}
}

package probe

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func TestAddressOwner(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/apis/networking.k8s.io/v1/ipaddresses/10.96.0.7":
			_, _ = io.WriteString(w, `{"kind":"IPAddress","spec":{"parentRef":{"resource":"services","namespace":"np-x","name":"web"}}}`)
		case "/apis/networking.k8s.io/v1/ipaddresses/10.96.0.8":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/apis/networking.k8s.io/v1/ipaddresses/10.96.0.6":
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"kim cannot get ipaddresses"}`)
		default:
			http.NotFound(w, r) // as an API server does that has no such kind
		}
	}))
	t.Cleanup(server.Close)
	client, err := kubernetes.NewForConfig(&rest.Config{Host: server.URL})
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	owner := func(ip string) Look { return Cluster{Client: client}.AddressOwner(ip) }
	g.Expect(owner("10.96.0.7").Ask(t.Context())).To(Equal(AddressOwner("services/np-x/web")))
	g.Expect(owner("10.96.0.9").Ask(t.Context())).To(Equal(AddressOwner("")))
	_, err = owner("10.96.0.8").Ask(t.Context())
	g.Expect(err).To(MatchError(ContainSubstring("get the IPAddress 10.96.0.8")))
	_, err = owner("10.96.0.6").Ask(t.Context())
	g.Expect(err).To(MatchError(ContainSubstring("kim cannot get ipaddresses")))
	g.Expect(RefusedByCluster(err)).To(BeTrue())
}

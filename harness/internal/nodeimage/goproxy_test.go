package nodeimage

import (
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/gomega"
)

// proxy starts a module proxy that answers every request for a module's source with the given status.
func proxy(t *testing.T, status int) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodHead || r.URL.Path != "/github.com/!a/b/@v/v0.27.8.zip" {
			t.Errorf("asked for %s %s", r.Method, r.URL.Path)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestRefusedFollowsTheGoCommand(t *testing.T) {
	has, lacks, refuses, broken := proxy(t, 200), proxy(t, 404), proxy(t, 403), proxy(t, 502)
	const m = "github.com/A/b@v0.27.8"
	for proxies, want := range map[string]bool{
		has: false, has + "/": false, lacks: true, refuses: true, broken: false,
		lacks + ",direct": false, lacks + "," + has: false, lacks + "," + refuses: true, lacks + ",off": true,
		refuses + ",direct": true, refuses + "," + has: true, refuses + "|" + has: false, refuses + "|" + lacks: true,
		"direct": false, "off": true, "file:///srv/modules": false, "http://127.0.0.1:1": false,
	} {
		got, err := refused(t.Context(), proxies, []string{m})
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		NewWithT(t).Expect(got[m]).To(Equal(want), proxies)
	}
}

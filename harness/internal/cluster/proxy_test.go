package cluster

import (
	"errors"
	"os"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/evidence"
)

// setProxies sets the variables of proxies, and unsets all others.
func setProxies(t *testing.T, values map[string]string) {
	t.Helper()
	for name := range proxySettings() {
		t.Setenv(name, "") // which restores it after the test
		NewWithT(t).Expect(os.Unsetenv(name)).To(Succeed())
	}
	for name, value := range values {
		t.Setenv(name, value)
	}
}

func TestNodesGetNoProxy(t *testing.T) {
	g := NewWithT(t)
	set := map[string]string{"HTTPS_PROXY": "http://me:secret@proxy.example:3128", "no_proxy": "", "http_proxy": "http://proxy.example:3128"}
	setProxies(t, set)
	failed := errors.New("it failed")
	g.Expect(withoutProxy(func() error {
		g.Expect(proxySettings()).To(BeEmpty())
		return failed
	})).To(MatchError(failed))
	g.Expect(proxySettings()).To(Equal(set), "for what is pulled")
	g.Expect(proxyAdaptation()).To(Equal([]evidence.Adaptation{{
		Found: "HTTP_PROXY, HTTPS_PROXY in the environment, which kind and podman pass to the nodes",
		Did:   "the nodes do not get it; images are pulled through the proxy",
	}}))
}

func TestWithoutAProxyNothingIsAdapted(t *testing.T) {
	g := NewWithT(t)
	setProxies(t, nil)
	g.Expect(proxyAdaptation()).To(BeEmpty())
	g.Expect(withoutProxy(func() error { return nil })).To(Succeed())
	g.Expect(proxySettings()).To(BeEmpty())
}

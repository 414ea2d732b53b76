package cluster

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/secret"
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
	t.Setenv(dockerConfig, t.TempDir())
}

func TestNodesGetNoProxyOfDockersConfiguration(t *testing.T) {
	g := NewWithT(t)
	setProxies(t, nil)
	dir := os.Getenv(dockerConfig)
	const before = `{"proxies": {"default": {"httpProxy": "http://me:long-secret@proxy.example:3128"}}, "auths": {"registry.example": {"auth": "x"}}, "currentContext": "far"}`
	g.Expect(os.WriteFile(filepath.Join(dir, "config.json"), []byte(before), 0o600)).To(Succeed())
	g.Expect(os.MkdirAll(filepath.Join(dir, "contexts", "meta"), 0o755)).To(Succeed())
	var during string
	g.Expect(withoutProxy(engine.Docker, func() error {
		during = os.Getenv(dockerConfig)
		g.Expect(os.ReadFile(filepath.Join(during, "config.json"))).To(MatchJSON(`{"auths": {"registry.example": {"auth": "x"}}, "currentContext": "far"}`))
		g.Expect(filepath.Join(during, "contexts", "meta")).To(BeADirectory())
		return nil
	})).To(Succeed())
	g.Expect(os.Getenv(dockerConfig)).To(Equal(dir))
	g.Expect(during).NotTo(BeADirectory())
	g.Expect(os.ReadFile(filepath.Join(dir, "config.json"))).To(BeEquivalentTo(before))
	g.Expect(secret.Mask("http://me:long-secret@proxy.example:3128, long-secret")).NotTo(ContainSubstring("long-secret"))
	g.Expect(proxyAdaptation(engine.Podman)).To(BeEmpty())
	g.Expect(proxyAdaptation(engine.Docker)).To(ConsistOf(HaveField("Found", HavePrefix("proxies in docker's configuration"))))
}

func TestNodesGetNoProxy(t *testing.T) {
	g := NewWithT(t)
	set := map[string]string{"HTTPS_PROXY": "http://me:secret@proxy.example:3128", "no_proxy": "", "http_proxy": "http://proxy.example:3128"}
	setProxies(t, set)
	failed := errors.New("it failed")
	g.Expect(withoutProxy(engine.Docker, func() error {
		g.Expect(proxySettings()).To(BeEmpty())
		return failed
	})).To(MatchError(failed))
	g.Expect(proxySettings()).To(Equal(set), "for what is pulled")
	g.Expect(proxyAdaptation(engine.Docker)).To(Equal([]evidence.Adaptation{{
		Found: "HTTP_PROXY, HTTPS_PROXY in the environment, which kind and podman pass to the nodes",
		Did:   "the nodes do not get it; images are pulled through the proxy",
	}}))
}

func TestWithoutAProxyNothingIsAdapted(t *testing.T) {
	g := NewWithT(t)
	setProxies(t, nil)
	g.Expect(proxyAdaptation(engine.Docker)).To(BeEmpty())
	g.Expect(withoutProxy(engine.Docker, func() error { return nil })).To(Succeed())
	g.Expect(proxySettings()).To(BeEmpty())
}

package cluster

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

func TestKubeconfigsAreLoadedAsByKubectl(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		g.Expect(os.WriteFile(path, []byte("apiVersion: v1\nkind: Config\n"+text), 0o600)).To(Succeed())
		return path
	}
	context := write("context.yaml", "current-context: team\ncontexts: [{name: team, context: {cluster: c, user: me}}]\n")
	rest := write("rest.yaml", "clusters: [{name: c, cluster: {server: https://127.0.0.1:1}}]\nusers: [{name: me, user: {token: t}}]\n")
	missing := filepath.Join(dir, "missing.yaml")

	c := &Cluster{spec: Spec{Kubeconfig: context + ":" + missing + ":" + rest}, context: "team", adopted: true}
	config, err := c.RESTConfig()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(config.Host).To(Equal("https://127.0.0.1:1"))
	g.Expect(config.BearerToken).To(Equal("t"))

	_, err = Adopt(t.Context(), missing, "")
	g.Expect(err).To(MatchError(ContainSubstring("missing.yaml: no such file")), "a single file must exist")
	_, err = Adopt(t.Context(), context+":"+rest, "other")
	g.Expect(err).To(MatchError(ContainSubstring(`no context "other"; see`)))
}

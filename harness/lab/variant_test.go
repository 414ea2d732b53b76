package lab

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/suite"
)

func TestChooseVariant(t *testing.T) {
	const kinds = "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n"
	file := filepath.Join(t.TempDir(), "mine.yaml")
	bad := filepath.Join(filepath.Dir(file), "My Cluster.yaml")
	for _, path := range []string{file, bad} {
		NewWithT(t).Expect(os.WriteFile(path, []byte(kinds), 0o600)).To(Succeed())
	}
	for name, c := range map[string]struct {
		settings     settings
		target, fail string
	}{
		"none":                     {settings{version: "v1.37.2"}, "v1.37.2", ""},
		"one of the suite's":       {settings{version: "1.37+nftables"}, "1.37+nftables", ""},
		"of the default version":   {settings{version: "+nftables"}, "", ""},
		"a file":                   {settings{version: "1.37", file: file}, "1.37+mine", ""},
		"an unknown one":           {settings{version: "1.37+nft"}, "", `no variant "nft" of the cluster: it has nftables`},
		"both":                     {settings{version: "1.37+nftables", file: file}, "", "name only one of them"},
		"a file without a name":    {settings{file: bad}, "", "lower-case letters"},
		"a missing file":           {settings{file: file + ".no.yaml"}, "", "lower-case letters"},
		"an existing cluster":      {settings{file: file, kubeconfig: "/k"}, "", "not for an existing one"},
		"an existing cluster, too": {settings{version: "1.37+nftables", kubeconfig: "/k"}, "", "not for an existing one"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			l := New(suite.Suite{Manifests: fstest.MapFS{"clusters/nftables.yaml": {Data: []byte(kinds)}}})
			l.settings = c.settings
			err := l.chooseVariant()
			if c.fail != "" {
				g.Expect(err).To(MatchError(ContainSubstring(c.fail)))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(l.settings.target(l.settings.version)).To(Equal(c.target))
		})
	}
}

func TestReproduceNamesTheVariant(t *testing.T) {
	g := NewWithT(t)
	l := New(suite.Suite{Manifests: fstest.MapFS{"clusters/nftables.yaml": {Data: []byte("apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n")}}})
	l.settings.version = "1.37+nftables"
	g.Expect(l.chooseVariant()).To(Succeed())
	g.Expect(l.reproduce("pod.x", "v1.37.2")).To(ContainSubstring("K8S=v1.37.2+nftables go test"))
	l.settings.file = "/my/nftables.yaml"
	g.Expect(l.reproduce("pod.x", "v1.37.2")).To(ContainSubstring("K8S=v1.37.2 NOTEPROOF_CLUSTER=/my/nftables.yaml go test"))
}

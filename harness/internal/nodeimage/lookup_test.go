package nodeimage

import (
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	. "github.com/onsi/gomega"
)

func TestNewestOf(t *testing.T) {
	for _, c := range []struct {
		name          string
		known, served string
		want          map[string]string
	}{
		{"the newest, by number", "v1.34.9 v1.34.10 v1.34.0", "v1.34.9 v1.34.10", map[string]string{"v1.34": "v1.34.10"}},
		{"the next if the newest is not available", "v1.34.4 v1.34.5 v1.34.6", "v1.34.4", map[string]string{"v1.34": "v1.34.4"}},
		{"two minors", "v1.36.5 v1.36.4 v1.37.2", "v1.36.4 v1.37.2", map[string]string{"v1.36": "v1.36.4", "v1.37": "v1.37.2"}},
		{"a minor without an available patch", "v1.38.1 v1.38.0", "", map[string]string{}},
		{"twice on the lists", "v1.37.2 v1.37.2", "v1.37.2", map[string]string{"v1.37": "v1.37.2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := NewWithT(t)
			served := strings.Fields(c.served)
			got, err := newestOf(strings.Fields(c.known), func(versions []string) (map[string]bool, error) {
				available := map[string]bool{}
				for _, v := range versions {
					g.Expect(available).NotTo(HaveKey(v))
					available[v] = slices.Contains(served, v)
				}
				return available, nil
			})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(c.want))
		})
	}
}

func TestNewestOfChecksAsFewAsPossible(t *testing.T) {
	g := NewWithT(t)
	var checked []string
	_, err := newestOf([]string{"v1.37.2", "v1.37.1", "v1.36.4", "v1.36.3", "v1.36.2"}, func(versions []string) (map[string]bool, error) {
		checked = append(checked, strings.Join(versions, " "))
		return map[string]bool{"v1.37.2": true, "v1.36.3": true}, nil
	})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(checked).To(Equal([]string{"v1.36.4 v1.37.2", "v1.36.3"}))
}

func TestNewestMinorsChecksAsFewAsPossible(t *testing.T) {
	g := NewWithT(t)
	known := []string{"v1.38.0", "v1.37.2", "v1.36.4", "v1.35.8", "v1.34.4"}
	var checked []string
	check := func(versions []string) (map[string]bool, error) {
		checked = append(checked, versions...)
		return map[string]bool{"v1.37.2": true, "v1.36.4": true, "v1.35.8": true, "v1.34.4": true}, nil
	}
	g.Expect(newestMinors(known, 2, check)).To(Equal(map[string]string{"v1.37": "v1.37.2", "v1.36": "v1.36.4"}), "1.38 is known but not available yet")
	g.Expect(checked).To(ConsistOf("v1.38.0", "v1.37.2", "v1.36.4"))
	g.Expect(newestMinors(known, 0, check)).To(HaveLen(4))
	g.Expect(newestMinors(known, 9, check)).To(HaveLen(4))
}

func TestNewestOfReturnsErrors(t *testing.T) {
	_, err := newestOf([]string{"v1.37.2"}, func([]string) (map[string]bool, error) { return nil, errors.New("no network") })
	NewWithT(t).Expect(err).To(MatchError("no network"))
}

func TestListedParsesBothModules(t *testing.T) {
	got := listed("k8s.io/kubernetes v1.36.3 v1.37.2\nk8s.io/api v0.36.4 v0.38.0-alpha.1 v1.2.3\n")
	NewWithT(t).Expect(got).To(Equal([]string{"v1.36.3", "v1.37.2", "v1.36.4", "v1.38.0-alpha.1"}))
}

func TestReadVerifiedSkipsVersionsWithoutGoMod(t *testing.T) {
	g := NewWithT(t)
	found, err := readVerified(`{"Path": "k8s.io/kubernetes", "Version": "v1.36.4", "GoMod": "/mod/v1.36.4.mod"}
{"Path": "k8s.io/kubernetes", "Version": "v1.36.5"}
{"Path": "k8s.io/kubernetes", "Version": "v1.36.6", "GoMod": "/mod/v1.36.6.mod", "Error": {"Err": "403 Forbidden"}}`)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(Equal(map[string]string{"k8s.io/kubernetes@v1.36.4": "/mod/v1.36.4.mod"}))
	_, err = readVerified("go: no network")
	g.Expect(err).To(HaveOccurred())
}

func TestStagingModules(t *testing.T) {
	got, err := stagingModules([]byte(`module k8s.io/kubernetes

require (
	example.com/other v1.0.0
	k8s.io/api v0.0.0
	k8s.io/sample-apiserver v0.0.0
)

replace (
	example.com/other => example.com/fork v1.0.1
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/sample-apiserver => ./staging/src/k8s.io/sample-apiserver
	k8s.io/sample-controller => ./staging/src/k8s.io/sample-controller
)
`), "v1.36.4")
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(got).To(Equal([]string{"k8s.io/api@v0.36.4"}))
}

func TestTags(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(registry.New())
	defer server.Close()
	repository, err := name.NewRepository(strings.TrimPrefix(server.URL, "http://") + "/kindest/node")
	g.Expect(err).NotTo(HaveOccurred())
	for _, tag := range []string{"v1.36.4", "latest"} {
		g.Expect(remote.Write(repository.Tag(tag), empty.Image)).To(Succeed())
	}
	g.Expect((&Source{}).tags(t.Context(), repository)).To(ConsistOf("v1.36.4"))
	server.Close()
	_, err = (&Source{}).tags(t.Context(), repository)
	g.Expect(err).To(HaveOccurred())
}

package nodeimage

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"golang.org/x/mod/semver"
)

func TestResolveReturnsExactVersionsUnchanged(t *testing.T) {
	for want, expected := range map[string]string{
		"": DefaultVersion, "v1.37.2": "v1.37.2", "1.23.17": "v1.23.17", "v1.38.0-alpha.1": "v1.38.0-alpha.1",
		"1.36.4+dual-stack": "v1.36.4+dual-stack", "+ipvs": DefaultVersion + "+ipvs",
	} {
		got, err := (&Source{}).Resolve(t.Context(), want)
		NewWithT(t).Expect(err).NotTo(HaveOccurred(), want)
		NewWithT(t).Expect(got).To(Equal(expected))
	}
}

func TestResolveRejectsInvalidVersions(t *testing.T) {
	for _, want := range []string{"latest", "1", "v1.37.x", "v1.37.2;ls", "v1.37.2+", "v1.37.2+Big", "v1.37.2+a+b", "v1.37.2+" + strings.Repeat("x", 21)} {
		_, err := (&Source{}).Resolve(t.Context(), want)
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring("not a Kubernetes version")), want)
	}
}

func TestResolveLooksUpAllMinorsAtOnce(t *testing.T) {
	g := NewWithT(t)
	asked := 0
	lookUp := func(minors []string) (map[string]string, error) {
		asked++
		g.Expect(minors).To(Equal([]string{"v1.36", "v1.38"}))
		return map[string]string{"v1.36": "v1.36.4", "v1.38": "v1.38.0"}, nil
	}
	g.Expect(resolve([]string{"1.36+ipvs", "v1.30.4", "v1.38", ""}, lookUp)).To(Equal([]string{"v1.36.4+ipvs", "v1.30.4", "v1.38.0", DefaultVersion}))
	g.Expect(asked).To(Equal(1))
	_, err := resolve([]string{"1.99"}, func([]string) (map[string]string, error) { return nil, nil })
	g.Expect(err).To(MatchError(ContainSubstring("v1.99 is available")))
}

func TestNearestStaysWithinTheMinor(t *testing.T) {
	g := NewWithT(t)
	listed := []string{"v3.5.21", "v3.5.9", "v3.6.0", "v3.6.4", "v3.7.0-rc.0", "v3.7.1"}
	g.Expect(nearest("v3.5.10", listed)).To(Equal("v3.5.21"))
	g.Expect(nearest("v3.6.4", listed)).To(Equal("v3.6.4"))
	g.Expect(nearest("v3.6.5", listed)).To(BeEmpty())
	g.Expect(nearest("v3.7.0", listed)).To(Equal("v3.7.1"))
}

func TestQuirksApplyOnlyToOldVersions(t *testing.T) {
	g := NewWithT(t)
	plain := recipe{LDFlags: []string{"-s", "-w"}, CgroupDriver: "systemd"}
	g.Expect(recipeFor(DefaultVersion)).To(Equal(plain))
	g.Expect(recipeFor("v1.28.0")).To(Equal(plain))
	g.Expect(KubeadmPatches("v1.27.0")).To(BeEmpty())
	g.Expect(KubeadmPatches("v1.26.15")).To(ConsistOf(HaveField("Patch", ContainSubstring("kubeAPIQPS: 50"))))
	g.Expect(recipeFor("v1.26.13").LDFlags).To(Equal(plain.LDFlags))
	coreDNS, _ := addon("coredns", "v1.9.3", recipeFor("v1.26.13"))
	g.Expect(coreDNS.LDFlags).To(ContainElement("-checklinkname=0"))
	coreDNS, _ = addon("coredns", "v1.10.1", recipeFor("v1.27.4"))
	g.Expect(coreDNS.LDFlags).To(Equal(plain.LDFlags))
	g.Expect(recipeFor("v1.24.17").CgroupDriver).To(Equal("systemd"))
	old := recipeFor("v1.23.17")
	g.Expect(old.CgroupDriver).To(Equal("cgroupfs"))
	g.Expect(old.LDFlags).To(ContainElement("-checklinkname=0"))
	g.Expect(old.Generate).To(BeTrue())
}

// Otherwise the API server of an old version reports v0.0.0.
func TestOldVersionsAreStampedInClientGoToo(t *testing.T) {
	g := NewWithT(t)
	stamps := func(version string) []string {
		return kubernetesProgram("kube-apiserver", version, "cmd/kube-apiserver", recipeFor(version)).LDFlags
	}
	g.Expect(stamps("v1.27.8")).To(ContainElements(
		"-X k8s.io/component-base/version.gitVersion=v1.27.8", "-X k8s.io/client-go/pkg/version.gitVersion=v1.27.8"))
	g.Expect(stamps("v1.28.15")).To(Equal([]string{"-s", "-w", "-X k8s.io/component-base/version.gitVersion=v1.28.15",
		"-X k8s.io/component-base/version.gitMajor=1", "-X k8s.io/component-base/version.gitMinor=28"}))
}

func TestEveryQuirkHasAReasonAndAVersion(t *testing.T) {
	for _, q := range quirks() {
		NewWithT(t).Expect(q.reason).NotTo(BeEmpty())
		NewWithT(t).Expect(semver.IsValid(q.before)).To(BeTrue(), q.before)
	}
}

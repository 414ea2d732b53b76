package scenario

import (
	"errors"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// labOf is a lab of one claim that is true before v1.24, whose records go to the folder out.
func labOf(out string) *Lab {
	lab := NewLab(Suite{Scenarios: []Scenario{{Claim: claim.Claim{
		ID: "pod.x", Quote: "q", Points: []claim.Point{{Says: "it is so", Expect: claim.TrueBefore("1.24")}},
	}}}})
	lab.settings.out = out
	return lab
}

func TestARunWithoutAClusterIsOfTheVersionThatWasAskedFor(t *testing.T) {
	g := NewWithT(t)
	lab := labOf(t.TempDir())
	lab.wanted = "v1.23.17"
	g.Expect(lab.begin(evidence.Environment{}, "", errors.New("no node image"))).To(Succeed())
	record, err := evidence.Load(filepath.Join(lab.settings.out, "v1.23.17", "verdicts.json"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(record.Version).To(BeEmpty())
	g.Expect(record.Wanted).To(Equal("v1.23.17"))
	g.Expect(record.Label()).To(Equal("v1.23.17, no cluster"))
	g.Expect(record.Failure).To(Equal("no node image"))
	g.Expect(record.Claims[0].Expected).To(Equal(claim.Holds))
	g.Expect(record.Claims[0].Reproduce).To(ContainSubstring(" K8S=v1.23.17 "))
}

func TestFolder(t *testing.T) {
	for _, test := range []struct{ version, adopted, want string }{
		{"v1.37.2", "", "v1.37.2"},
		{"v1.37.2", "kind-team", "v1.37.2@kind-team"},
		{"v1.34.1-gke.100", "arn:aws:eks:a-1:1:cluster/x y", "v1.34.1-gke.100@arn-aws-eks-a-1-1-cluster-x-y"},
		{"", "", "no-cluster"},
		{"", "../../etc/passwd", "no-cluster@etc-passwd"},
		{"../..", "", "no-cluster"},
	} {
		NewWithT(t).Expect(folder(test.version, test.adopted)).To(Equal(test.want))
	}
}

func TestReproduceOnAClusterThatExists(t *testing.T) {
	lab := &Lab{settings: settings{kubeconfig: "/home/me/my config", tests: "./scenarios"}}
	NewWithT(t).Expect(lab.reproduce("pod.x", "v1.37.2")).To(Equal(`CLAIMS='^pod\.x$' KUBECONFIG_FILE='/home/me/my config' go test ./scenarios -count=1 -timeout=60m`))
}

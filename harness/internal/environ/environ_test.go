package environ

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestBool(t *testing.T) {
	g := NewWithT(t)
	read := func(value string) (bool, error) { return Bool(func(string) string { return value }, "KEEP") }
	for _, on := range []string{"1", "true", "yes", "on", "TRUE", "Yes"} {
		g.Expect(read(on)).To(BeTrue(), on)
	}
	for _, off := range []string{"", "0", "false", "no", "off", "False", "NO"} {
		g.Expect(read(off)).To(BeFalse(), off)
	}
	for _, neither := range []string{"2", "y", "maybe", " 1"} {
		_, err := read(neither)
		g.Expect(err).To(MatchError(ContainSubstring("KEEP=")), neither)
	}
}

func TestIsFile(t *testing.T) {
	g := NewWithT(t)
	g.Expect(IsFile("environ_test.go")).To(BeTrue())
	g.Expect([]bool{IsFile(""), IsFile("."), IsFile("missing")}).To(HaveEach(false))
}

func TestAbsolute(t *testing.T) {
	g := NewWithT(t)
	g.Expect(Absolute("/home/me/notes", "team.yaml")).To(Equal("/home/me/notes/team.yaml"))
	g.Expect(Absolute("/home/me/notes", "../out")).To(Equal("/home/me/out"))
	g.Expect(Absolute("/home/me/notes", "/etc/team.yaml")).To(Equal("/etc/team.yaml"))
	g.Expect(Absolute("/home/me/notes", "/a:b")).To(Equal("/a:b"), "one path")
	g.Expect(AbsoluteList("/home/me/notes", "")).To(BeEmpty())
	g.Expect(AbsoluteList("/home/me/notes", "a.yaml:/b.yaml")).To(Equal("/home/me/notes/a.yaml:/b.yaml"))
	g.Expect(Absolute("/home/me/notes", "")).To(BeEmpty())
}

func TestChangeClusterIsTheSumOfPermissionsButForThatToBreakNodes(t *testing.T) {
	g := NewWithT(t)
	given, err := ParsePermissions("node-ports, host-paths")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect([]bool{given.Allow(NodePorts), given.Allow(HostPaths)}).To(HaveEach(true))
	g.Expect([]bool{given.Allow(LoadBalancers), given.Allow(ChangeCluster), Permissions(nil).Allow(NodePorts)}).To(HaveEach(false))
	given, err = ParsePermissions("change-cluster")
	g.Expect(err).NotTo(HaveOccurred())
	for _, part := range parts {
		g.Expect(given.Allow(part)).To(BeTrue(), string(part))
	}
	g.Expect(given.Allow(BreakNodes)).To(BeFalse())
}

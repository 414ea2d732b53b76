package engine

import (
	"os/exec"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func TestShield(t *testing.T) {
	g := NewWithT(t)
	setsid, err := exec.LookPath("setsid")
	if err != nil {
		t.Skip("this machine has no setsid, so podman is not shielded")
	}
	programs(t, map[string]string{
		"setsid": `exec ` + setsid + ` "$@"`,
		"podman": `[ "$1" = info ] && ` + podman + ` && exit
			read -r pid name state parent group session rest < /proc/$$/stat
			echo "$1 $2" $pid $session`,
	})
	dir := t.TempDir()
	e, err := Detect(t.Context(), Options{Dir: dir})
	g.Expect(err).NotTo(HaveOccurred())
	run := func(command string) []string {
		out, err := e.Run(t.Context(), command, "two words")
		g.Expect(err).NotTo(HaveOccurred())
		return strings.Fields(out)
	}
	before := run("run")
	g.Expect(before[3]).NotTo(Equal(before[4]), "the session is the terminal's")
	g.Expect(e.Activate()).To(Succeed())
	for range 2 { // the second time, the wrapper of the first engine is found on the PATH
		shielded := run("run")
		g.Expect(shielded[:3]).To(HaveExactElements("run", "two", "words"))
		g.Expect(shielded[3]).To(Equal(shielded[4]), "the session is podman's own")
		pulls := run("pull")
		g.Expect(pulls[3]).NotTo(Equal(pulls[4]), "the end of a context reaches it")
		e, err = Detect(t.Context(), Options{Dir: dir})
		g.Expect(err).NotTo(HaveOccurred())
	}
}

func TestNerdctlStartsContainersInCgroupNamespacesOfTheirOwn(t *testing.T) {
	g := NewWithT(t)
	for version, want := range map[string]string{"1": "run --cgroupns=private --name two words", "2": "run --name two words"} {
		programs(t, map[string]string{
			"nerdctl": `[ "$1" = info ] && echo '{"ServerVersion":"2.4.2","CgroupVersion":"` + version + `"}' && exit; echo "$@"`,
		})
		e, err := Detect(t.Context(), Options{Name: Nerdctl, Dir: t.TempDir()})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(e.Activate()).To(Succeed())
		g.Expect(e.Run(t.Context(), "run", "--name", "two words")).To(Equal(want))
		g.Expect(e.Run(t.Context(), "ps", "run")).To(Equal("ps run"))
	}
}

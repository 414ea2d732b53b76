package engine

import (
	"os/exec"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func TestPodmanIsKeptFromTheTerminalsSignals(t *testing.T) {
	g := NewWithT(t)
	setsid, err := exec.LookPath("setsid")
	if err != nil {
		t.Skip("this machine has no setsid, and so podman is not shielded here")
	}
	programs(t, map[string]string{
		"setsid": `exec ` + setsid + ` "$@"`,
		"podman": `[ "$1" = info ] && ` + podman + ` && exit
			read -r pid name state parent group session rest < /proc/$$/stat
			echo "$1 $2" $pid $session`,
	})
	e, err := Detect(t.Context(), Options{Dir: t.TempDir()})
	g.Expect(err).NotTo(HaveOccurred())
	asked := func() []string {
		out, err := e.Run(t.Context(), "run", "two words")
		g.Expect(err).NotTo(HaveOccurred())
		return strings.Fields(out)
	}
	before := asked()
	g.Expect(before[3]).NotTo(Equal(before[4]), "the session is the terminal's")
	g.Expect(e.Activate()).To(Succeed())
	for range 2 { // the second time by an engine that is found through the first one's program
		shielded := asked()
		g.Expect(shielded[:3]).To(HaveExactElements("run", "two", "words"))
		g.Expect(shielded[3]).To(Equal(shielded[4]), "the session is podman's own")
		e, err = Detect(t.Context(), Options{Dir: t.TempDir()})
		g.Expect(err).NotTo(HaveOccurred())
	}
}

package cluster

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/engine"
)

// fakeEngine is an engine that keeps its network, and the containers attached to it, in files.
func fakeEngine(t *testing.T) (eng *engine.Engine, state string) {
	t.Helper()
	state = t.TempDir()
	script := `#!/bin/sh
cd ` + state + `
case "$1 $2" in
"info --format") echo '{"host":{"cgroupVersion":"v2"},"version":{"Version":"5.4.2"}}' ;;
"network ls") test -f kind && echo podman noteproof-podman || echo podman ;;
"network inspect") read -r id < kind; echo "[{\"id\":\"$id\"}]" ;;
"network rm") : > removed; /bin/rm kind ;;
"ps --all") test ! -f attached || echo abc ;;
*) echo "unexpected: $*" >&2; exit 1 ;;
esac
`
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "podman"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	eng, err := engine.Detect(t.Context(), engine.Options{Name: engine.Podman, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return eng, state
}

func TestNetworkIsRemovedOnlyWhenItIsOursAndUnused(t *testing.T) {
	for name, c := range map[string]struct {
		before, during string // the network's ID before a cluster is created, and when it is removed
		attached       bool
		removed        bool
	}{
		"created by this run":                    {"", "n1", false, true},
		"existing before":                        {"n0", "n0", false, false},
		"created by this run and used by others": {"", "n1", true, false},
		"not created after all":                  {"", "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			eng, state := fakeEngine(t)
			write := func(name, text string) {
				g.Expect(os.WriteFile(filepath.Join(state, name), []byte(text+"\n"), 0o644)).To(Succeed())
			}
			if c.before != "" {
				write("kind", c.before)
			}
			dir := t.TempDir()
			n := newNetwork(eng, dir)
			g.Expect(n.hold(t.Context())).To(Succeed())
			other := newNetwork(eng, dir)
			g.Expect(other.remove(t.Context())).To(BeFalse(), "it is being used to create a cluster")
			if c.during != "" {
				write("kind", c.during)
			}
			if c.attached {
				write("attached", "")
			}
			g.Expect(n.settle(t.Context())).To(Succeed())
			g.Expect(other.remove(t.Context())).To(Equal(c.removed))
			if c.removed {
				g.Expect(filepath.Join(state, "removed")).To(BeAnExistingFile())
				g.Expect(other.markPath()).NotTo(BeAnExistingFile())
			}
		})
	}
}

func TestANetworkThatSomebodyElseRecreatedIsNotOurs(t *testing.T) {
	g := NewWithT(t)
	eng, state := fakeEngine(t)
	n := newNetwork(eng, t.TempDir())
	g.Expect(os.WriteFile(n.markPath(), []byte("n1"), 0o600)).To(Succeed())
	g.Expect(os.WriteFile(filepath.Join(state, "kind"), []byte("n2\n"), 0o644)).To(Succeed())
	g.Expect(n.remove(t.Context())).To(BeFalse())
	g.Expect(n.markPath()).NotTo(BeAnExistingFile())
	g.Expect(filepath.Join(state, "kind")).To(BeAnExistingFile())
}

package cluster

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/engine"
)

// networkEngine is an engine whose network, the containers attached to it, and the leases are files.
func networkEngine(t *testing.T, name string) (eng *engine.Engine, state string) {
	t.Helper()
	state = t.TempDir()
	script := `#!/bin/sh
cd ` + state + `
case "$1 $2" in
"info --format") echo '{"host":{"cgroupVersion":"v2"},"version":{"Version":"5.4.2"},"ServerVersion":"2.4.2","CgroupVersion":"2"}' ;;
"network ls") cat networks ;;
"network inspect") echo "[{\"Labels\":{$(cat labels)}}]" ;;
"network rm") /bin/rm networks ;;
"ps --all") cat attached ;;
"ps --quiet") cat leases ;;
"inspect --type") echo '[{"Config":{"Labels":{"io.noteproof.lease":"noteproof-y"}}}]' ;;
*) echo "unexpected: $*" >&2; exit 1 ;;
esac
`
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	eng, err := engine.Detect(t.Context(), engine.Options{Name: name, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return eng, state
}

func TestNetworkIsRemovedOnlyWhenItIsOursAndUnused(t *testing.T) {
	for name, c := range map[string]struct {
		engine, variable                   string
		networks, labels, attached, leases string
		removed                            bool
	}{
		"ours, unused":               {engine: engine.Podman, networks: "podman\nnoteproof-podman", removed: true},
		"ours, used":                 {engine: engine.Podman, networks: "noteproof-podman", attached: "abc"},
		"ours, about to be used":     {engine: engine.Podman, networks: "noteproof-podman", leases: "abc"},
		"not there":                  {engine: engine.Podman, networks: "podman"},
		"one that the user names":    {engine: engine.Podman, variable: "team", networks: "team"},
		"kind's, created by kind":    {engine: engine.Nerdctl, networks: "kind"},
		"kind's, created by a run":   {engine: engine.Nerdctl, networks: "kind", labels: `"io.noteproof.network":"true"`, removed: true},
		"kind's, used by a cluster":  {engine: engine.Nerdctl, networks: "kind", labels: `"io.noteproof.network":"true"`, attached: "abc"},
		"kind's, with another label": {engine: engine.Nerdctl, networks: "kind", labels: `"team":"a"`},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			eng, state := networkEngine(t, c.engine)
			t.Setenv(networkVariable(eng), c.variable)
			for file, text := range map[string]string{"networks": c.networks, "labels": c.labels, "attached": c.attached, "leases": c.leases} {
				g.Expect(os.WriteFile(filepath.Join(state, file), []byte(text), 0o644)).To(Succeed())
			}
			g.Expect(newNetwork(eng).remove(t.Context())).To(Equal(c.removed))
			if c.removed {
				g.Expect(filepath.Join(state, "networks")).NotTo(BeAnExistingFile())
			}
		})
	}
}

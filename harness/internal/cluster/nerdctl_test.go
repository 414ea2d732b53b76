package cluster

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/engine"
)

// What nerdctl 2.2.2 printed on a node, shortened.
const nerdctlNode = `[{"Image": "node:x", "Name": "noteproof-x-worker", "State": {"Running": true},
	"Config": {"Image": "node:x", "Labels": {"io.x-k8s.kind.cluster": "noteproof-x", "io.x-k8s.kind.role": "worker",
		"io.noteproof.inputs": "c324", "nerdctl/networks": "[\"kind\",\"other\"]"}},
	"NetworkSettings": {"Networks": {
		"unknown-eth0": {"IPAddress": "10.4.1.7", "IPPrefixLen": 24, "GlobalIPv6Address": "fd7d::4"},
		"unknown-eth1": {"IPAddress": "10.5.0.2", "IPPrefixLen": 24},
		"unknown-eth2": {"IPAddress": "10.6.0.2", "IPPrefixLen": 24}}}}]`

func TestNerdctlNamesTheNetworksInALabel(t *testing.T) {
	g := NewWithT(t)
	networks, err := parseNetworks(nerdctlNode)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(networks).To(Equal(map[string]addresses{
		"kind": {"10.4.1.7", "fd7d::4"}, "other": {"10.5.0.2", ""}, "unknown-eth2": {"10.6.0.2", ""},
	}))
	network, _, used, err := parseAddresses(nerdctlNode, "kind")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(network.String()).To(Equal("10.4.1.0/24"))
	g.Expect(used).To(HaveExactElements(netip.MustParseAddr("10.4.1.7")))
}

func TestNerdctlReportsExitCodesOnStandardError(t *testing.T) {
	const said = `time="2026-11-29T12:45:17Z" level=fatal msg="`
	for name, c := range map[string]struct {
		stderr, own string
		code        int
		ran         bool
	}{
		"the command failed":      {"curl: (7) refused\n" + said + "exec failed with exit code 7\"\n", "curl: (7) refused\n", 7, true},
		"silently":                {said + "exec failed with exit code 1\"\n", "", 1, true},
		"no such container":       {said + "no such container x\"\n", said + "no such container x\"\n", 0, false},
		"the command said so":     {said + "exec failed with exit code 7\"\nmore\n", said + "exec failed with exit code 7\"\nmore\n", 0, false},
		"the engine said nothing": {"", "", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			code, own, ran := commandExit(engine.Nerdctl, 1, c.stderr)
			g.Expect(ran).To(Equal(c.ran))
			g.Expect(code).To(Equal(c.code))
			g.Expect(own).To(Equal(c.own))
		})
	}
}

func TestNerdctlNamesTheImageOfAContainer(t *testing.T) {
	for inputs, want := range map[string]string{"c324": "9fe5", "ffff": ""} { // built from the same, and from something else since
		g := NewWithT(t)
		bin := t.TempDir()
		script := `#!/bin/sh
case "$1 $2" in
"info --format") echo '{"ServerVersion":"2.4.2","CgroupVersion":"2"}' ;;
"ps --all") echo abc ;;
"inspect --type") echo '` + nerdctlNode + `' ;;
"image inspect") echo "sha256:9fe5 ` + inputs + `" ;;
esac
`
		g.Expect(os.WriteFile(filepath.Join(bin, "nerdctl"), []byte(script), 0o755)).To(Succeed())
		t.Setenv("PATH", bin)
		eng, err := engine.Detect(t.Context(), engine.Options{Name: engine.Nerdctl, Dir: t.TempDir()})
		g.Expect(err).NotTo(HaveOccurred())
		found, err := containers(t.Context(), eng, "noteproof-x")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(found).To(HaveExactElements(HaveField("ImageID", want)))
	}
}

func TestNerdctlsNetworkIsCreatedWithASubnetOfItsOwn(t *testing.T) {
	g := NewWithT(t)
	first, second := netip.MustParsePrefix(localSubnet()), netip.MustParsePrefix(localSubnet())
	g.Expect(netip.MustParsePrefix("fd00::/8").Contains(first.Addr())).To(BeTrue())
	g.Expect(first.Bits()).To(Equal(64))
	g.Expect(first).NotTo(Equal(second))
}

//go:build linux

package main

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// inNetwork runs a script in a network of its own, which only root may make.
func inNetwork(t *testing.T, script string) (out, problems string) {
	t.Helper()
	if _, refused, status := inBox(t, "unshare", "--net", "true"); status != 0 {
		t.Skipf("a network of its own needs root: %s", refused)
	}
	out, problems, _ = inBox(t, "unshare", "--net", "--uts", "sh", "-c", script)
	return out, problems
}

func TestIPRoutes(t *testing.T) {
	g := NewWithT(t)
	out, problems := inNetwork(t, `ip link set lo up
ip route add default via 127.0.0.1 dev lo; ip route replace 10.9.0.7/32 dev lo; ip route show
ip route get 10.9.0.7 | grep -c "^10.9.0.7 dev lo"; ip route del 10.9.0.7/32; ip -6 route add default dev lo; ip -6 route show
while ip route del default; do echo deleted; done
while ip -6 route del default; do echo deleted; done
ip route; ip route get 10.9.0.7; echo $?`)
	g.Expect(strings.Split(strings.TrimSpace(out), "\n")).To(Equal([]string{
		"default via 127.0.0.1 dev lo", "10.9.0.7 dev lo",
		"1", "default dev lo", "deleted", "deleted", "2",
	}), problems)
	g.Expect(problems).To(And(ContainSubstring("No such process"), ContainSubstring("Network is unreachable")))
}

func TestIPNeighbours(t *testing.T) {
	g := NewWithT(t)
	out, _ := inNetwork(t, `ip neigh flush to 10.9.0.7 && echo nothing to flush; ip neigh show to 10.9.0.7; ip neigh; echo $?; hostname apart; hostname; ip addr`)
	g.Expect(out).To(And(HavePrefix("nothing to flush\n1\napart\n"), ContainSubstring("1: lo: ")))
}

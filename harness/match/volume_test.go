package match_test

import (
	"testing"

	. "github.com/onsi/gomega"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

func TestMatchersOnMounts(t *testing.T) {
	g := NewWithT(t)
	g.Expect(probe.Mount{Path: "/data", Type: "tmpfs"}).To(And(BeMounted(), BeMountedAs("tmpfs"), Not(BeMountedAs("ext4"))))
	g.Expect(probe.Mount{Path: "/data"}).NotTo(Or(BeMounted(), BeMountedAs("tmpfs")))
}

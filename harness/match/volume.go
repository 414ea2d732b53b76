package match

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// BeBoundTo matches a VolumeClaim that is bound to the PersistentVolume of this name.
func BeBoundTo(volume string) Described {
	return that("be bound to "+volume, func(c probe.VolumeClaim) bool { return c.Phase == corev1.ClaimBound && c.Volume == volume })
}

// BeUnbound matches a VolumeClaim that waits for a PersistentVolume.
func BeUnbound() Described {
	return that("wait, bound to none", func(c probe.VolumeClaim) bool { return c.Phase == corev1.ClaimPending && c.Volume == "" })
}

// Mention matches an Answer with these words in it.
func Mention(words string) Described {
	return that(fmt.Sprintf("mention %q", words), func(a probe.Answer) bool { return strings.Contains(a.Body, words) })
}

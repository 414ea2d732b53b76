package match

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// BeBoundTo matches a VolumeClaim that is bound to the PersistentVolume of this name.
func BeBoundTo(volume string) Described {
	return That("be bound to "+volume, func(c probe.VolumeClaim) bool { return c.Phase == corev1.ClaimBound && c.Volume == volume })
}

// BeUnbound matches a VolumeClaim that waits for a PersistentVolume.
func BeUnbound() Described {
	return That("wait, bound to none", func(c probe.VolumeClaim) bool { return c.Phase == corev1.ClaimPending && c.Volume == "" })
}

// Mention matches an Answer with these words in it.
func Mention(words string) Described {
	return That(fmt.Sprintf("mention %q", words), func(a probe.Answer) bool { return strings.Contains(a.Body, words) })
}

// BeMounted matches a Mount that is there.
func BeMounted() Described {
	return That("be mounted", func(m probe.Mount) bool { return m.Type != "" })
}

// BeMountedAs matches a Mount of this type of file system, such as "tmpfs".
func BeMountedAs(kind string) Described {
	return That("be mounted as "+kind, func(m probe.Mount) bool { return m.Type == kind })
}

// Contain matches a File that is there with just this content.
func Contain(content string) Described {
	return That(fmt.Sprintf("contain %q", content), func(f probe.File) bool { return f.Exists && f.Content == content })
}

// BeGone matches a File that is not there.
func BeGone() Described { return That("be gone", func(f probe.File) bool { return !f.Exists }) }

package match

import (
	"fmt"

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

// BeMounted matches a Mount at whose path something is mounted.
func BeMounted() Described {
	return That("be mounted", func(m probe.Mount) bool { return m.Type != "" })
}

// BeMountedAs matches a Mount with this type of file system, such as "tmpfs".
func BeMountedAs(kind string) Described {
	return That("be mounted as "+kind, func(m probe.Mount) bool { return m.Type == kind })
}

// Contain matches a File that exists with exactly this content.
func Contain(content string) Described {
	return That(fmt.Sprintf("contain %q", content), func(f probe.File) bool { return f.Exists && f.Content == content })
}

// BeGone matches a File that does not exist.
func BeGone() Described { return That("be gone", func(f probe.File) bool { return !f.Exists }) }

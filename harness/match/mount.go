package match

import "github.com/noteproof/noteproof/harness/probe"

// BeMounted matches a Mount that is there.
func BeMounted() Described {
	return that("be mounted", func(m probe.Mount) bool { return m.Type != "" })
}

// BeMountedAs matches a Mount of this type of file system, such as "tmpfs".
func BeMountedAs(kind string) Described {
	return that("be mounted as "+kind, func(m probe.Mount) bool { return m.Type == kind })
}

// Package version says which noteproof runs.
package version

import (
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// Module is the module that this package belongs to.
const Module = "github.com/noteproof/noteproof"

// Of names the noteproof that runs: the version of its module, or of a checkout its commit. Root is the folder of the main
// module. Empty when neither is known.
func Of(root string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path == Module {
			return versionOf(m, root)
		}
	}
	return ""
}

func versionOf(m *debug.Module, root string) string {
	folder := root
	if m.Replace != nil {
		if m = m.Replace; filepath.IsAbs(m.Path) {
			folder = m.Path
		} else {
			folder = filepath.Join(root, m.Path)
		}
	}
	if m.Version != "" && m.Version != "(devel)" {
		return m.Version
	}
	commit, err := exec.Command("git", "-C", folder, "describe", "--tags", "--always", "--dirty", "--abbrev=12").Output()
	if err != nil { // no git, or no checkout
		return ""
	}
	return strings.TrimSpace(string(commit))
}

// Package version determines the version of the running noteproof.
package version

import (
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// Module is the path of the module that contains this package.
const Module = "github.com/noteproof/noteproof"

// Of returns the version of the running noteproof's module or, for a checkout, its commit; "" if neither is known. root is the
// folder of the main module.
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
	if err != nil { // git is not installed, or the folder is not a checkout
		return ""
	}
	return strings.TrimSpace(string(commit))
}

// Package version determines the version of the running noteproof.
package version

import (
	"os/exec"
	"path/filepath"
	"runtime"
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
	if info.Main.Path == Module {
		return versionOf(&info.Main, root)
	}
	for _, m := range info.Deps {
		switch {
		case m.Path != Module:
		case m.Replace == nil && m.Version == "": // in a workspace
			return versionOf(m, workspace())
		default:
			return versionOf(m, root)
		}
	}
	return ""
}

// workspace returns the folder of this module's source, in which it is compiled in a workspace (go.work); "" if it is unknown, as
// with -trimpath.
func workspace() string {
	_, file, _, _ := runtime.Caller(0)
	if !filepath.IsAbs(file) {
		return ""
	}
	return filepath.Join(filepath.Dir(file), "..", "..", "..")
}

// versionOf returns the version of a module, or the commit of its folder: root, or the one that replaces it, relative to root.
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
	if folder == "" {
		return ""
	}
	commit, err := exec.Command("git", "-C", folder, "describe", "--tags", "--always", "--dirty", "--abbrev=12").Output()
	if err != nil { // git is not installed, or the folder is not a checkout
		return ""
	}
	return strings.TrimSpace(string(commit))
}

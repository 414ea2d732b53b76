// Package environ reads what a command finds around it: values of environment variables, paths, and the Go module.
package environ

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Bool reads a boolean variable: 1, true, yes or on, and 0, false, no or off, in upper or lower case. Empty means false. It
// returns an error for any other value.
func Bool(env func(string) string, name string) (bool, error) {
	switch value := env(name); strings.ToLower(value) {
	case "", "0", "false", "no", "off":
		return false, nil
	case "1", "true", "yes", "on":
		return true, nil
	default:
		return false, fmt.Errorf("%s=%q: want 1 for yes or 0 for no", name, value)
	}
}

// Keep says whether a cluster is kept after a run.
type Keep string

// The values of Keep. A cluster that was kept because a run failed is for looking at: no other run uses it.
const (
	KeepNever     Keep = ""
	KeepAlways    Keep = "always"
	KeepOnFailure Keep = "on-failure"
)

// ParseKeep parses the variable KEEP: a boolean as Bool reads it, or on-failure.
func ParseKeep(value string) (Keep, error) {
	if strings.EqualFold(value, string(KeepOnFailure)) {
		return KeepOnFailure, nil
	}
	keep, err := Bool(func(string) string { return value }, "KEEP")
	switch {
	case err != nil:
		return KeepNever, fmt.Errorf("KEEP=%q: want 1 for yes, 0 for no, or %s for a cluster to look at", value, KeepOnFailure)
	case keep:
		return KeepAlways, nil
	default:
		return KeepNever, nil
	}
}

// Absolute returns the absolute path of a path relative to dir. An absolute or empty path is returned unchanged.
func Absolute(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// IsFile reports whether there is a regular file at a path.
func IsFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// AbsoluteList applies Absolute to each path of a list such as KUBECONFIG's.
func AbsoluteList(dir, paths string) string {
	list := filepath.SplitList(paths)
	for i, path := range list {
		list[i] = Absolute(dir, path)
	}
	return strings.Join(list, string(filepath.ListSeparator))
}

// Kubeconfig returns an error if none of the files of a list such as KUBECONFIG's exists. An empty list is no error.
func Kubeconfig(paths string) error {
	if paths == "" {
		return nil
	}
	list := filepath.SplitList(paths)
	for _, path := range list {
		if _, err := os.Stat(path); err == nil {
			return nil
		}
	}
	return fmt.Errorf("there is no kubeconfig %s", strings.Join(list, ", nor "))
}

// ModuleRoot returns the nearest directory with a go.mod: dir, which is absolute, or one above it. It returns an error if there is
// none.
func ModuleRoot(dir string) (string, error) {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("find the module's root: no go.mod in %s or above it", dir)
		}
	}
}

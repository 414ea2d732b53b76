// Package environ parses values of environment variables.
package environ

import (
	"fmt"
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

// Absolute returns the absolute path of a path relative to dir. An absolute or empty path is returned unchanged.
func Absolute(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// AbsoluteList applies Absolute to each path of a list such as KUBECONFIG's.
func AbsoluteList(dir, paths string) string {
	list := filepath.SplitList(paths)
	for i, path := range list {
		list[i] = Absolute(dir, path)
	}
	return strings.Join(list, string(filepath.ListSeparator))
}

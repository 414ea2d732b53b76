// Package environ reads environment variables as people set them.
package environ

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Bool reads a variable that is on or off: 1, true, yes or on, and 0, false, no or off, in any case. Empty is off. The error
// names the variable and what it may be.
func Bool(env func(string) string, name string) (bool, error) {
	switch value := env(name); strings.ToLower(value) {
	case "", "0", "false", "no", "off":
		return false, nil
	case "1", "true", "yes", "on":
		return true, nil
	default:
		return false, fmt.Errorf("%s=%q: want 1 for yes, or 0 for no", name, value)
	}
}

// Absolute makes a path absolute that is relative to dir. Empty stays empty.
func Absolute(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// AbsoluteList is Absolute for each path of a list, as KUBECONFIG holds one.
func AbsoluteList(dir, paths string) string {
	list := filepath.SplitList(paths)
	for i, path := range list {
		list[i] = Absolute(dir, path)
	}
	return strings.Join(list, string(filepath.ListSeparator))
}

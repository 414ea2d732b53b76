package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// systemFolders returns the folders of iptables, nft and other programs that engines run. On Debian they are not in the PATH of
// users, nor in root's after `su`.
func systemFolders() []string { return []string{"/usr/local/sbin", "/usr/sbin", "/sbin"} }

// withSystemFolders appends to a PATH the existing folders that it lacks.
func withSystemFolders(path string, folders []string) string {
	list := filepath.SplitList(path)
	for _, folder := range folders {
		if _, err := os.Stat(folder); err == nil && !slices.Contains(list, folder) {
			path += string(filepath.ListSeparator) + folder
		}
	}
	return path
}

// lookUp finds a program on the given PATH.
func lookUp(path, program string) (string, error) {
	for _, folder := range filepath.SplitList(path) {
		if found, err := exec.LookPath(filepath.Join(folder, program)); err == nil && filepath.IsAbs(found) {
			return found, nil
		}
	}
	return "", &exec.Error{Name: program, Err: exec.ErrNotFound}
}

package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// systemFolders hold iptables, nft and other programs that engines run. Debian leaves them out of the PATH of users and,
// after `su`, out of root's.
func systemFolders() []string { return []string{"/usr/local/sbin", "/usr/sbin", "/sbin"} }

// withSystemFolders is a PATH with the system folders that are there and that it lacks, behind all others.
func withSystemFolders(path string, folders []string) string {
	list := filepath.SplitList(path)
	for _, folder := range folders {
		if _, err := os.Stat(folder); err == nil && !slices.Contains(list, folder) {
			path += string(filepath.ListSeparator) + folder
		}
	}
	return path
}

// lookUp finds a program on a PATH that need not be this process's.
func lookUp(path, program string) (string, error) {
	for _, folder := range filepath.SplitList(path) {
		if found, err := exec.LookPath(filepath.Join(folder, program)); err == nil && filepath.IsAbs(found) {
			return found, nil
		}
	}
	return "", &exec.Error{Name: program, Err: exec.ErrNotFound}
}

package engine

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"al.essio.dev/pkg/shellescape"
	"github.com/google/renameio/v2"
)

// wrapper is a script that runs a program in a session of its own.
const wrapper = `#!/bin/sh
# Written by noteproof. Ctrl-C interrupts the run, which then removes what it created. If podman got the signal too, while it
# connects a container to a network, it would leave the container's address behind, and later clusters would have no DNS.
exec setsid --wait %s "$@"
`

// shield writes a wrapper with the engine's name that shields it from the terminal's signals, and returns the wrapper's folder;
// "" on a system without setsid, which every Linux has. An interrupted podman 4.3.1 left addresses in the files of aardvark-dns,
// which then served only the old addresses for a network of the same name.
func (e *Engine) shield(dir string) (string, error) {
	program, err := exec.LookPath(e.name)
	if err != nil {
		return "", err
	}
	if _, err := exec.LookPath("setsid"); err != nil {
		return "", nil
	}
	if dir, err = folder(dir); err != nil {
		return "", err
	}
	dir = filepath.Join(dir, "bin")
	path := filepath.Join(dir, e.name)
	if program == path {
		return dir, nil // an earlier Activate has put the wrapper on the PATH
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("shield %s from the terminal's signals: %w", e.name, err)
	}
	if err := renameio.WriteFile(path, fmt.Appendf(nil, wrapper, shellescape.Quote(program)), 0o755); err != nil {
		return "", fmt.Errorf("shield %s from the terminal's signals: %w", e.name, err)
	}
	return dir, nil
}

// prepend prepends a folder to a PATH, unless the PATH begins with it.
func prepend(dir, path string) string {
	if dir == "" || strings.HasPrefix(path, dir+string(os.PathListSeparator)) {
		return path
	}
	return dir + string(os.PathListSeparator) + path
}

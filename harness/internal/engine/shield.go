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

// shielding runs a program in a session of its own.
const shielding = `#!/bin/sh
# Written by noteproof. Ctrl-C is for the run, which then removes what it made. A podman that gets it too, while it gives
# a container its network, leaves the container's address behind, and later clusters find no DNS.
exec setsid --wait %s "$@"
`

// shield writes a program of the engine's name that keeps the terminal's signals from it, and returns its folder; empty
// where there is no setsid, as there is on every Linux. An interrupted podman 4.3.1 left addresses in the files of
// aardvark-dns, which then served a network of the same name by its old addresses alone.
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
		return dir, nil // by an earlier Activate
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("shield %s from the terminal's signals: %w", e.name, err)
	}
	if err := renameio.WriteFile(path, fmt.Appendf(nil, shielding, shellescape.Quote(program)), 0o755); err != nil {
		return "", fmt.Errorf("shield %s from the terminal's signals: %w", e.name, err)
	}
	return dir, nil
}

// first puts a folder at the head of a PATH, unless it is there.
func first(dir, path string) string {
	if dir == "" || strings.HasPrefix(path, dir+string(os.PathListSeparator)) {
		return path
	}
	return dir + string(os.PathListSeparator) + path
}

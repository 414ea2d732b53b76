package engine

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"al.essio.dev/pkg/shellescape"

	"github.com/noteproof/noteproof/harness/internal/atomicfile"
)

// The scripts that run an engine in our child processes, kind's library included. %s is the engine's program.
const (
	// shielded runs podman in a session of its own. An interrupted podman 4.3.1 left addresses in the files of aardvark-dns,
	// which then served only the old addresses for a network of the same name.
	shielded = `#!/bin/sh
# Written by noteproof. Ctrl-C interrupts the run, which then removes what it created. If podman got the signal too, while it
# connects a container to a network, it would leave the container's address behind, and later clusters would have no DNS.
exec setsid --wait %s "$@"
`
	// ownCgroups starts nerdctl's containers in cgroup namespaces of their own. Kind asks docker and podman for that, but not
	// nerdctl, whose default on cgroup v1 is the machine's namespace.
	ownCgroups = `#!/bin/sh
# Written by noteproof. In the machine's cgroup namespace, a node's systemd would mount cgroup hierarchies that the machine does
# not use, and the kubelet would find no cgroup of its own in them.
if [ "$1" = run ]; then
  shift
  set -- run --cgroupns=private "$@"
fi
exec %s "$@"
`
)

// wrap writes a script with the engine's name and returns the script's folder, which Activate puts on the PATH.
func (e *Engine) wrap(dir, script string) (string, error) {
	program, err := exec.LookPath(e.name)
	if err != nil {
		return "", err
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
		return "", fmt.Errorf("write a wrapper of %s: %w", e.name, err)
	}
	if err := atomicfile.Write(path, fmt.Appendf(nil, script, shellescape.Quote(program)), 0o755); err != nil {
		return "", fmt.Errorf("write a wrapper of %s: %w", e.name, err)
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

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

// wrap writes a script with the engine's name and notes the script's folder, which Activate puts on the PATH, and the program that it runs.
func (e *Engine) wrap(dir, script string) error {
	dir, err := folder(dir)
	if err != nil {
		return err
	}
	e.wrapperDir = filepath.Join(dir, "bin")
	if e.unwrapped, err = lookPathPast(e.wrapperDir, e.name); err != nil {
		return err
	}
	if err = os.MkdirAll(e.wrapperDir, 0o755); err == nil {
		err = atomicfile.Write(filepath.Join(e.wrapperDir, e.name), fmt.Appendf(nil, script, shellescape.Quote(e.unwrapped)), 0o755)
	}
	if err != nil {
		return fmt.Errorf("write a wrapper of %s: %w", e.name, err)
	}
	return nil
}

// lookPathPast is exec.LookPath without one folder, which an earlier Activate may have put on the PATH.
func lookPathPast(dir, name string) (string, error) {
	for _, other := range filepath.SplitList(os.Getenv("PATH")) {
		if other == "" || other == dir {
			continue
		}
		if program, err := exec.LookPath(filepath.Join(other, name)); err == nil {
			return program, nil
		}
	}
	return exec.LookPath(name)
}

// prepend prepends a folder to a PATH, unless the PATH begins with it.
func prepend(dir, path string) string {
	if dir == "" || strings.HasPrefix(path, dir+string(os.PathListSeparator)) {
		return path
	}
	return dir + string(os.PathListSeparator) + path
}

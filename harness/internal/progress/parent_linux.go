package progress

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// stderrOf returns the standard error of another process. It duplicates the file descriptor, so that both processes share the
// offset of a file and do not overwrite each other's lines (pidfd_getfd(2), Linux 5.6). If the system forbids that, as Yama
// does for ordinary users, it opens the file again. For a terminal or a pipe that is equivalent; in a regular file, the other
// process may overwrite lines.
func stderrOf(pid int) (*os.File, error) {
	if stderr, err := duplicate(pid, 2); err == nil {
		return stderr, nil
	}
	return os.OpenFile(fmt.Sprintf("/proc/%d/fd/2", pid), os.O_WRONLY|os.O_APPEND, 0)
}

// duplicate duplicates a file descriptor of another process.
func duplicate(pid, fd int) (*os.File, error) {
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(process)
	copied, err := unix.PidfdGetfd(process, fd, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(copied), "stderr"), nil
}

package progress

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// errorsOf is the standard error of another process. Both share the offset of a file, so that neither writes over the lines
// of the other (pidfd_getfd(2), Linux 5.6). Where the system does not allow that, as Yama does not to users, it is opened
// again: that is the same for a terminal and a pipe, while of a file the other process may write over the first lines.
func errorsOf(pid int) (*os.File, error) {
	if shared, err := share(pid, 2); err == nil {
		return shared, nil
	}
	return os.OpenFile(fmt.Sprintf("/proc/%d/fd/2", pid), os.O_WRONLY|os.O_APPEND, 0)
}

// share duplicates a file descriptor of another process.
func share(pid, fd int) (*os.File, error) {
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

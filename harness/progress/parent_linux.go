package progress

import (
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// errorsOf is the standard error of another process. A file is opened once for all that write to it: they share its offset,
// so that none writes over the lines of another (pidfd_getfd(2), Linux 5.6). Where that is not allowed, a terminal or a
// pipe is opened again, which have no offset; the error is that of a file.
func errorsOf(pid int) (*os.File, error) {
	shared, err := share(pid, 2)
	if err == nil {
		return shared, nil
	}
	path := fmt.Sprintf("/proc/%d/fd/2", pid)
	info, statErr := os.Stat(path)
	if statErr != nil {
		return nil, statErr
	}
	if info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "share", Path: path, Err: err}
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
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

package series

import "syscall"

// ofChild returns the attributes of the go command: a process group of its own, and SIGTERM when this process is killed. The tests then end
// as they do whenever their go command is gone.
func ofChild() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

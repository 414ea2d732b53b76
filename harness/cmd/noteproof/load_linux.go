package main

import "syscall"

// endsWithParent makes the system kill a child when the thread that started it ends, at the latest with this process. It
// is a process group of its own, so that an interruption from the terminal leaves it to us.
func endsWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

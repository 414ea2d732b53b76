package main

import "syscall"

// killWithParent makes the kernel kill a child when the thread that started it ends, at the latest with this process. The child
// gets its own process group, so that an interruption from the terminal does not reach it.
func killWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

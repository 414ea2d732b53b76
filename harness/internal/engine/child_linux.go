package engine

import (
	"os/exec"
	"syscall"
)

// endWithParent makes a command get SIGTERM when this process ends, also when that is killed.
func endWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }

//go:build !linux

package series

import "syscall"

// ofChild returns the attributes of the go command: a process group of its own. Only Linux tells a process that its parent was killed.
func ofChild() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

//go:build !linux

package main

import "syscall"

// killWithParent leaves a child in the process group of this process, so that an interruption from the terminal ends both. It
// cannot make the system kill the child with this process.
func killWithParent() *syscall.SysProcAttr { return nil }

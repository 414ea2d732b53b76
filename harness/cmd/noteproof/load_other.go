//go:build !linux

package main

import "syscall"

// endsWithParent leaves a child in the process group of this one, whose interruption by the terminal ends it as well. The
// system offers no more here.
func endsWithParent() *syscall.SysProcAttr { return nil }

//go:build !linux

// Command engines runs the suite on docker, podman and nerdctl in turn. It starts engines on Linux only.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "engines: only Linux can run container engines of its own: choose one of this machine with make verify NOTEPROOF_ENGINE=docker")
	os.Exit(1)
}

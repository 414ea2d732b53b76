//go:build !linux

// Command bench measures what a run of the suite takes and where the time goes. It reads /proc, so it runs on Linux only.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "bench: make bench runs on Linux only, because it reads /proc")
	os.Exit(1)
}

// Package rosetta stands in for a module that not every module proxy serves, and that answers for macOS alone.
package rosetta

// Enabled reports whether this process is translated by Rosetta. It never is on Linux.
func Enabled() bool { return false }

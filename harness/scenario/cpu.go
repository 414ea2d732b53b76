package scenario

import (
	"time"

	"github.com/noteproof/noteproof/harness/probe"
)

// Processor use is measured in several windows, each of which must show the same. A quota is renewed ten times a second, and
// one period more or less at the ends of a window changes little.
const (
	cpuWindows      = 3
	cpuWindowLength = 2 * time.Second
)

// CPU measures how much processor time a container uses, in several windows.
func (s *S) CPU(inside probe.Shell) probe.Look { return inside.CPU(cpuWindows, cpuWindowLength) }

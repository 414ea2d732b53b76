package scenario

import (
	"time"

	"github.com/noteproof/noteproof/harness/probe"
)

// CPU usage is measured in several windows, which must all show the same. A CPU quota is renewed ten times a second, so one
// period more or less at the ends of a window changes little.
const (
	cpuWindows      = 3
	cpuWindowLength = 2 * time.Second
)

// CPU measures how much CPU time a container uses, in several windows.
func (s *S) CPU(inside probe.Shell) probe.Look { return inside.CPU(cpuWindows, cpuWindowLength) }

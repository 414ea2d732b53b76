//go:build !linux

package progress

import (
	"errors"
	"os"
)

// stderrOf is not supported: only Linux gives access to the standard error of another process.
func stderrOf(int) (*os.File, error) { return nil, errors.ErrUnsupported }

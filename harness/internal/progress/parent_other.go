//go:build !linux

package progress

import (
	"errors"
	"os"
)

// errorsOf is the standard error of another process, which only Linux shares.
func errorsOf(int) (*os.File, error) { return nil, errors.ErrUnsupported }

package nodeimage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// tempPrefix begins the names of the temporary folders of builds. The ID of the process that created one follows.
const tempPrefix = "noteproof-build-"

// tempDir creates a folder for what must not be in the cache, because a path has to be short or readable by other users. The caller must
// remove it; if the process is killed, the next build does.
func tempDir() (string, error) {
	return os.MkdirTemp("", fmt.Sprintf("%s%d-", tempPrefix, os.Getpid()))
}

// removeTempDirs removes the temporary folders of builds whose process was killed.
func removeTempDirs() {
	folders, _ := filepath.Glob(filepath.Join(os.TempDir(), tempPrefix+"*"))
	for _, folder := range folders {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), tempPrefix), "-")
		if id, err := strconv.Atoi(pid); err == nil && errors.Is(syscall.Kill(id, 0), syscall.ESRCH) {
			os.RemoveAll(folder)
		}
	}
}

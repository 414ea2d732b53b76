// Package atomicfile writes files that are whole or not there.
package atomicfile

import (
	"io/fs"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// Write replaces a file, so that readers see the old or the new content and a power cut leaves one of them. A process that is killed
// meanwhile may leave a file beside it, whose name is the file's with a dot before it and a number after it, and none elsewhere.
func Write(path string, content []byte, perm fs.FileMode) error {
	return renameio.WriteFile(path, content, perm, renameio.WithTempDir(filepath.Dir(path)))
}

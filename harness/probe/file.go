package probe

import (
	"context"
	"fmt"
	"strings"
)

// File is the file at a path.
type File struct {
	Path    string
	Exists  bool
	Content string
}

func (f File) String() string {
	if !f.Exists {
		return f.Path + ": no such file"
	}
	return fmt.Sprintf("%s: %q", f.Path, shorten(f.Content))
}

// readFile prints the file $0. It exits with 44 if the file does not exist, and with 45 if that cannot be determined, for example
// because the directory cannot be read.
const readFile = `if [ -e "$0" ]; then cat "$0"; exit; fi
problem=$(LC_ALL=C ls -d "$0" 2>&1)
case $problem in *"No such file or directory"*) exit 44;; esac
echo "$problem" >&2
exit 45`

// File reads a file from inside the container; the answer is a File.
func (s Shell) File(path string) Look {
	return look{fmt.Sprintf("file %s %s", path, s.place), func(ctx context.Context) (any, error) {
		out, err := s.Run(ctx, "sh", "-c", readFile, path)
		switch {
		case err != nil:
			return nil, err
		case out.ExitCode == 0:
			return File{Path: path, Exists: true, Content: strings.TrimSpace(out.Stdout)}, nil
		case out.ExitCode == 44:
			return File{Path: path}, nil
		default:
			return nil, fmt.Errorf("read %s %s: %s", path, s.place, out)
		}
	}}
}

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

// File reads a file from inside the container; the answer is a File.
func (s Shell) File(path string) Look {
	return look{fmt.Sprintf("file %s %s", path, s.place), func(ctx context.Context) (any, error) {
		out, err := s.Run(ctx, "sh", "-c", `if [ -e "$0" ]; then cat "$0"; else exit 44; fi`, path)
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

package probe

import (
	"context"
	"fmt"
	"strings"
)

// Mount is what is mounted at a path inside a container. An empty Type means that nothing is mounted there: the path, if it
// exists, belongs to the file system around it.
type Mount struct {
	Path, Type string // the file system's type, such as "tmpfs"
}

func (m Mount) String() string {
	if m.Type == "" {
		return "nothing is mounted at " + m.Path
	}
	return fmt.Sprintf("%s is mounted at %s", m.Type, m.Path)
}

// Mount looks at what is mounted at a path inside the container; the answer is a Mount.
func (s Shell) Mount(path string) Look {
	return look{fmt.Sprintf("mount at %s %s", path, s.place), func(ctx context.Context) (any, error) {
		out, err := s.Run(ctx, "cat", "/proc/self/mountinfo")
		if err != nil {
			return nil, err
		}
		if out.ExitCode != 0 || out.Stdout == "" {
			return nil, fmt.Errorf("read the mounts %s: %s", s.place, out)
		}
		return mountAt(path, out.Stdout), nil
	}}
}

// mountAt finds the mount at a path in the text of a mountinfo file (proc(5)): the mount point is the fifth field, and the
// type follows a single hyphen. If there are several, the last one hides the others.
func mountAt(path, mountinfo string) Mount {
	mount := Mount{Path: path}
	for line := range strings.Lines(mountinfo) {
		before, after, _ := strings.Cut(line, " - ")
		fields, kind := strings.Fields(before), strings.Fields(after)
		if len(fields) > 4 && fields[4] == path && len(kind) > 0 {
			mount.Type = kind[0]
		}
	}
	return mount
}

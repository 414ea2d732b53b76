package claim

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is the major and minor version of Kubernetes, on which a Truth can depend.
type Version struct{ Major, Minor int }

// ParseVersion parses a version such as "v1.37.2", "1.37.2", "1.37" or "v1.37.2-gke.100".
func ParseVersion(text string) (Version, error) {
	parts := strings.SplitN(strings.TrimPrefix(text, "v"), ".", 3)
	if len(parts) < 2 {
		return Version{}, fmt.Errorf("version %q: want the form v1.37 or v1.37.2", text)
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(strings.TrimRight(parts[1], "+"))
	if err1 != nil || err2 != nil {
		return Version{}, fmt.Errorf("version %q: want the form v1.37 or v1.37.2", text)
	}
	return Version{major, minor}, nil
}

// Before returns whether v is older than w.
func (v Version) Before(w Version) bool {
	return v.Major < w.Major || v.Major == w.Major && v.Minor < w.Minor
}

func (v Version) String() string { return fmt.Sprintf("v%d.%d", v.Major, v.Minor) }

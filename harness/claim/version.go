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

// Truth is what is expected of a point: true, false, or one of them before a version and the other one from that version on.
type Truth struct {
	before, from bool
	turn         Version
}

// True and False are the truths that are the same in all versions.
var (
	True  = Truth{before: true, from: true}
	False = Truth{}
)

// TrueBefore is true in all minors before this one ("1.24") and false from it on. It panics if the version is invalid.
func TrueBefore(minor string) Truth { return Truth{before: true, turn: mustVersion(minor)} }

// TrueFrom is false in all minors before this one ("1.24") and true from it on. It panics like TrueBefore.
func TrueFrom(minor string) Truth { return Truth{from: true, turn: mustVersion(minor)} }

func mustVersion(text string) Version {
	v, err := ParseVersion(text)
	if err != nil {
		panic(err)
	}
	return v
}

// At returns the truth that is expected in this version.
func (t Truth) At(v Version) bool {
	if v.Before(t.turn) {
		return t.before
	}
	return t.from
}

func (t Truth) String() string {
	switch {
	case t.before == t.from:
		return strconv.FormatBool(t.from)
	case t.before:
		return "true before " + t.turn.String()
	default:
		return "true from " + t.turn.String()
	}
}

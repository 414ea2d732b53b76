package claim

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Remark is what a reader should learn from a claim, whatever its verdict: a practical lesson, with a page of the Kubernetes
// documentation to read on.
type Remark struct {
	KO string `json:"ko,omitempty"`
	EN string `json:"en,omitempty"`
	// Docs is the path of the page: "/docs/concepts/workloads/pods/", optionally with a fragment; empty if there is none.
	Docs string `json:"docs,omitempty"`
}

// Text returns the remark in all its languages.
func (r Remark) Text() Text { return Text{KO: r.KO, EN: r.EN} }

var docsPath = regexp.MustCompile(`^/docs/([a-z0-9-]+/)+(#[a-z0-9-]+)?$`)

// check returns what is wrong with a remark. The zero value is right.
func (r Remark) check() error {
	switch {
	case r == Remark{}:
		return nil
	case strings.TrimSpace(r.EN) == "":
		return errors.New("its remark needs a text in English")
	case r.Docs != "" && !docsPath.MatchString(r.Docs):
		return fmt.Errorf("the page of its remark is %q: want a path such as /docs/concepts/workloads/pods/", r.Docs)
	}
	return nil
}

// newestDocs is the newest minor when this noteproof was written, and olderDocs is of how many minors before the newest the
// documentation is kept at an address of its own: https://kubernetes.io/docs/home/supported-doc-versions/. A newestDocs that is
// out of date leads to newer pages, not to ones that are gone.
const (
	newestDocs = 37
	olderDocs  = 4
)

// Link returns the address of the page in the documentation of a version; empty if there is no page. The newest minor, and those
// whose documentation is no longer kept, have that of the current version.
func (r Remark) Link(v Version) string {
	if !docsPath.MatchString(r.Docs) {
		return ""
	}
	if v.Major == 1 && newestDocs-olderDocs <= v.Minor && v.Minor < newestDocs {
		return fmt.Sprintf("https://v1-%d.docs.kubernetes.io%s", v.Minor, r.Docs)
	}
	return "https://kubernetes.io" + r.Docs
}

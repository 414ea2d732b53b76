package cluster

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
)

// Prefix begins the name of every cluster of ours. Nothing whose name begins otherwise is ever touched.
const Prefix = "noteproof-"

// Label is to be set, with the cluster's name as its value, on every container beside the nodes that belongs to a
// cluster of ours. Down and Sweep then remove it.
const Label = "io.noteproof.cluster"

// Spec is the cluster that is wanted: one control plane and workers.
type Spec struct {
	// Name is the cluster's; it begins with Prefix.
	Name string
	// Version is the Kubernetes version that must be observed, "v1.37.2".
	Version string
	// Image is the node image. It must be known to the engine.
	Image nodeimage.Image
	// Workload is brought to every node; the zero value brings nothing.
	Workload nodeimage.Archive
	// Images are further images, by their full names, which are brought to every node from the engine.
	Images []string
	// Workers is the number of nodes beside the control plane.
	Workers int
	// Kubeconfig is the path of the run's own kubeconfig, written with mode 0600 and replaced when it is there.
	Kubeconfig string
	// Reuse takes a cluster of that name which is there already, after checking that it is the right one.
	Reuse bool
}

// nameForm leaves room for the longest suffix of a node's name within the 63 characters of a host name.
var nameForm = regexp.MustCompile(`^` + Prefix + `[a-z0-9]([a-z0-9.-]{0,35}[a-z0-9])?$`)

// check reports everything that is wrong with the wish itself, all at once.
func (s Spec) check() error {
	var errs []error
	bad := func(format string, a ...any) {
		errs = append(errs, fmt.Errorf("cluster %q: "+format, append([]any{s.Name}, a...)...))
	}
	if !nameForm.MatchString(s.Name) {
		bad("its name must begin with %s and go on in up to 37 lower-case letters, digits, dots and dashes", Prefix)
	}
	if _, err := claim.ParseVersion(s.Version); err != nil {
		bad("%w", err)
	}
	if s.Image.Ref == "" {
		bad("it has no node image")
	}
	if s.Workers < 0 {
		bad("%d workers", s.Workers)
	}
	switch path, err := filepath.Abs(s.Kubeconfig); {
	case s.Kubeconfig == "" || err != nil:
		bad("it has no path for its kubeconfig")
	case path == clientcmd.RecommendedHomeFile:
		bad("%s is the user's own kubeconfig; name another file", path)
	}
	return errors.Join(errs...)
}

func (s Spec) nodes() int { return s.Workers + 1 }

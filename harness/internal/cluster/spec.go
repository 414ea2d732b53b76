package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/system"
)

// Prefix begins the name of every cluster that this package creates. Clusters with other names are never modified.
const Prefix = "noteproof-"

// Label marks a container that belongs to one of our clusters but is not a node. Its value is the cluster's name. Down and
// Sweep remove containers with this label.
const Label = "io.noteproof.cluster"

// Kubeconfigs returns the folder, within the cache, of the kubeconfigs of an engine's clusters. Each has the name of its cluster.
func Kubeconfigs(cache string, eng *engine.Engine) string {
	return filepath.Join(cache, "kubeconfig", eng.Name())
}

// Spec describes the wanted cluster: one control plane and workers.
type Spec struct {
	// Name is the cluster's name. It begins with Prefix.
	Name string
	// Version is the Kubernetes version that the server must report, such as "v1.37.2".
	Version string
	// Image is the node image. The engine must have it.
	Image nodeimage.Image
	// Workload is loaded onto every node. The zero value loads nothing.
	Workload nodeimage.Archive
	// Plugin are images that are loaded onto every node but the spare worker.
	Plugin []nodeimage.Archive
	// Images are the full names of further images, which are loaded from the engine onto every node.
	Images []string
	// Workers is the number of nodes in addition to the control plane, unless the Variant lists nodes.
	Workers int
	// Spare adds a spare worker, unless the Variant lists nodes.
	Spare bool
	// Variant is how the cluster differs from noteproof's own configuration.
	Variant Variant
	// Kubeconfig is the path of the run's own kubeconfig. The file is written with mode 0600; an existing one is replaced.
	Kubeconfig string
	// Reuse allows an existing cluster of that name to be used, if it matches the Spec.
	Reuse bool
}

// ownName returns the Spec with a name that no other user's cluster has, and the kubeconfig of that.
func (s Spec) ownName() Spec {
	hash := sha256.Sum256([]byte(system.Owner()))
	suffix := "-" + hex.EncodeToString(hash[:3])
	s.Name = s.Name[:min(len(s.Name), longestName-len(suffix))] + suffix
	s.Kubeconfig = filepath.Join(filepath.Dir(s.Kubeconfig), s.Name)
	return s
}

// longestName is the maximum length of a name: namePattern's.
const longestName = len(Prefix) + 37

// namePattern leaves room for the longest suffix of a node's name within the 63 characters of a host name.
var namePattern = regexp.MustCompile(`^` + Prefix + `[a-z0-9]([a-z0-9.-]{0,35}[a-z0-9])?$`)

// check validates the Spec and returns all problems at once.
func (s Spec) check() error {
	var errs []error
	bad := func(format string, a ...any) {
		errs = append(errs, fmt.Errorf("cluster %q: "+format, append([]any{s.Name}, a...)...))
	}
	if !namePattern.MatchString(s.Name) {
		bad("its name must begin with %s, followed by up to 37 lower-case letters, digits, dots and dashes", Prefix)
	}
	if _, err := claim.ParseVersion(s.Version); err != nil {
		bad("%w", err)
	}
	if s.Image.Ref == "" {
		bad("it has no node image")
	}
	if s.Workers < 0 {
		bad("it cannot have %d workers", s.Workers)
	}
	switch path, err := filepath.Abs(s.Kubeconfig); {
	case s.Kubeconfig == "" || err != nil:
		bad("it has no path for its kubeconfig")
	case path == clientcmd.RecommendedHomeFile:
		bad("%s is the user's own kubeconfig; name another file", path)
	}
	return errors.Join(errs...)
}

func (s Spec) workers() int {
	ours := s.Workers
	if s.Spare {
		ours++
	}
	return s.Variant.workers(ours)
}

func (s Spec) nodes() int { return s.workers() + 1 }

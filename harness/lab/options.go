package lab

import (
	"strconv"
	"strings"

	"github.com/noteproof/noteproof/harness/internal/environ"
)

// Options are defaults for environment variables that are not set. The comment of each field names its variable, which
// README.md explains. The zero value of a field keeps the variable's own default. Paths are relative to the module's root.
// Commands that run no suite, such as noteproof doctor and noteproof clean, know only the variables.
type Options struct {
	Kubernetes    string   // K8S: "v1.37.2", "1.37"
	Claims        string   // CLAIMS: a regular expression on the IDs of claims
	Keep          bool     // KEEP
	Kubeconfig    string   // KUBECONFIG_FILE
	Image         string   // NOTEPROOF_IMAGE
	Allow         []string // NOTEPROOF_ALLOW: "change-cluster", "break-nodes"
	Cluster       string   // NOTEPROOF_CLUSTER: the file of a variant of the cluster
	Engine        string   // NOTEPROOF_ENGINE
	NodeImage     string   // NOTEPROOF_NODE_IMAGE: a reference, or the path of an archive
	Registry      string   // NOTEPROOF_REGISTRY
	Cache         string   // NOTEPROOF_CACHE
	Out           string   // NOTEPROOF_OUT: several suites of one module must not share it
	Parallel      int      // NOTEPROOF_PARALLEL
	TimeoutFactor float64  // NOTEPROOF_TIMEOUT_FACTOR
}

// within returns the options with absolute paths, given the module's root.
func (o Options) within(root string) Options {
	if archive := environ.Absolute(root, o.NodeImage); environ.IsFile(archive) {
		o.NodeImage = archive
	}
	o.Kubeconfig, o.Cluster = environ.AbsoluteList(root, o.Kubeconfig), environ.Absolute(root, o.Cluster)
	o.Cache, o.Out = environ.Absolute(root, o.Cache), environ.Absolute(root, o.Out)
	return o
}

// over returns a function that reads variables like env, and returns the option of a variable that is not set.
func (o Options) over(env func(string) string) func(string) string {
	defaults := map[string]string{
		"K8S": o.Kubernetes, "CLAIMS": o.Claims, "KUBECONFIG_FILE": o.Kubeconfig, "NOTEPROOF_IMAGE": o.Image,
		"NOTEPROOF_CLUSTER": o.Cluster, "NOTEPROOF_ALLOW": strings.Join(o.Allow, ","), "NOTEPROOF_ENGINE": o.Engine, "NOTEPROOF_REGISTRY": o.Registry, "NOTEPROOF_CACHE": o.Cache, "NOTEPROOF_OUT": o.Out,
		"NOTEPROOF_NODE_IMAGE": o.NodeImage,
	}
	if o.Keep {
		defaults["KEEP"] = "1"
	}
	if o.Parallel != 0 {
		defaults["NOTEPROOF_PARALLEL"] = strconv.Itoa(o.Parallel)
	}
	if o.TimeoutFactor != 0 {
		defaults["NOTEPROOF_TIMEOUT_FACTOR"] = strconv.FormatFloat(o.TimeoutFactor, 'g', -1, 64)
	}
	return func(name string) string {
		if value := env(name); value != "" {
			return value
		}
		return defaults[name]
	}
}

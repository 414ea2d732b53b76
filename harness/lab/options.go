package lab

import (
	"strconv"
	"strings"
)

// Options are what a run does where no variable says otherwise: each stands for the variable that its comment names, which
// README.md explains. The zero value of a field is what happens when the variable is not set.
type Options struct {
	Kubernetes    string   // K8S: "v1.37.2", "1.37"
	Claims        string   // CLAIMS: a regular expression on the IDs of claims
	Keep          bool     // KEEP
	Kubeconfig    string   // KUBECONFIG_FILE
	Image         string   // NOTEPROOF_IMAGE
	Allow         []string // NOTEPROOF_ALLOW: "change-cluster", "break-nodes"
	Engine        string   // NOTEPROOF_ENGINE
	Cache         string   // NOTEPROOF_CACHE
	Out           string   // NOTEPROOF_OUT: several suites of one module need one each
	Parallel      int      // NOTEPROOF_PARALLEL
	TimeoutFactor float64  // NOTEPROOF_TIMEOUT_FACTOR
}

// over reads variables, and what they are by these options where they are not set.
func (o Options) over(env func(string) string) func(string) string {
	defaults := map[string]string{
		"K8S": o.Kubernetes, "CLAIMS": o.Claims, "KUBECONFIG_FILE": o.Kubeconfig, "NOTEPROOF_IMAGE": o.Image,
		"NOTEPROOF_ALLOW": strings.Join(o.Allow, ","), "NOTEPROOF_ENGINE": o.Engine, "NOTEPROOF_CACHE": o.Cache, "NOTEPROOF_OUT": o.Out,
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

package nodeimage

import (
	"os"
	"time"
)

// loading is the step of a build whose result is in the engine and not in the cache.
const loading = "load"

// usual holds how long the longer steps take, as measured with 2 processors and without a cache. An estimate begins with these
// times and then goes by how long the steps really take.
var usual = map[string]time.Duration{
	"debian-node":               60 * time.Second,
	"debian-base":               30 * time.Second,
	"go-kubernetes":             300 * time.Second,
	"go-containerd":             40 * time.Second,
	"go-local-path-provisioner": 45 * time.Second,
	"go-podroutes":              30 * time.Second,
	"go-coredns":                65 * time.Second,
	"go-etcd":                   30 * time.Second,
	"go-agnhost":                150 * time.Second,
	"go-tools":                  15 * time.Second,
	"go-metallb-controller":     70 * time.Second,
	loading:                     20 * time.Second,
}

// otherStep is how long a step takes that usual does not name.
const otherStep = 6 * time.Second

// estimate makes the log estimate how long the steps take whose output the cache does not have; inputs that are not known yet are
// nil. The caller must call the function that it returns when the steps are done.
func (s *Source) estimate(what string, steps []step) (end func()) {
	if s.cachedOnly {
		return func() {}
	}
	s.job = s.Log.Job(what, s.missing(steps))
	return s.job.End
}

// missing returns the usual times of the steps whose output the cache does not have.
func (s *Source) missing(steps []step) map[string]time.Duration {
	parts := map[string]time.Duration{}
	for _, of := range steps {
		if _, err := os.Stat(s.path(of)); of.inputs != nil && err == nil {
			continue
		}
		parts[of.name] = otherStep
		if takes, ok := usual[of.name]; ok {
			parts[of.name] = takes
		}
	}
	return parts
}

// begin logs a step until end is called with its result, which end returns.
func (s *Source) begin(name, what string) (end func(error) error) {
	s.job.Begin(name)
	logged := s.Log.Step("%s", what)
	return func(err error) error {
		s.job.Done(name)
		return logged.End(err)
	}
}

// steps returns the steps of a build of a node image.
func (s *Source) steps(b *build) []step {
	all := []step{
		s.rootfsStep(nodeDebian()), s.rootfsStep(baseDebian()), s.pauseStep(b.version), podroutesStep(b.routes),
		{"go-coredns", nil}, {"go-etcd", nil}, {"images", nil}, {"store", nil}, {"node-files", nil}, {loading, nil},
	}
	for _, group := range together(append(kubernetes(b.version, b.recipe), runtimePrograms()...)) {
		all = append(all, s.programStep(group, b.goVersion))
	}
	return all
}

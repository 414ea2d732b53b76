package lab

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/scenario"
)

// settings are read from the environment.
type settings struct {
	version    string               // K8S: "v1.37.2", "1.37"; empty means the default; without the variant
	variant    cluster.Variant      // the variant of the cluster: of the version's suffix, or of NOTEPROOF_CLUSTER
	file       string               // NOTEPROOF_CLUSTER: the file of the variant; empty for one of the suite's, or none
	claims     *regexp.Regexp       // CLAIMS: which claims to run; nil means all
	shard      evidence.Shard       // NOTEPROOF_SHARD: which part of the chosen claims to run
	keep       environ.Keep         // KEEP: whether to keep the cluster for the next run
	sabotage   bool                 // SABOTAGE=1: break each scenario on purpose, which it must notice
	floor      bool                 // NOTEPROOF_FLOOR=1: observe nothing, as a measure of what Kubernetes itself takes (scripts/bench)
	disturbed  string               // NOTEPROOF_DISTURB: the break or fault to apply while scenarios run
	kubeconfig string               // KUBECONFIG_FILE: an existing cluster; a file, or a list of files like KUBECONFIG
	allowed    environ.Permissions  // NOTEPROOF_ALLOW: what may be done to an existing cluster
	image      string               // NOTEPROOF_IMAGE: the workload image on an existing cluster
	registries nodeimage.Registries // NOTEPROOF_REGISTRY: mirrors from which images are pulled
	nodeImage  nodeimage.OwnImage   // NOTEPROOF_NODE_IMAGE: the node image of a cluster that the run creates
	engine     string               // NOTEPROOF_ENGINE, or kind's variable: docker, podman or nerdctl; empty detects
	cache      string               // NOTEPROOF_CACHE: where builds are kept
	out        string               // NOTEPROOF_OUT: where records and reports are written
	workingDir string               // the directory to which paths are relative
	root       string               // the directory of the go.mod that the tests belong to
	tests      string               // the package of the scenarios, as an argument of go test at the module's root: "./scenarios"
	parallel   int                  // NOTEPROOF_PARALLEL: how many scenarios run at once
	timeouts   scenario.Timeouts    // scaled by NOTEPROOF_TIMEOUT_FACTOR
	recordTo   string               // NOTEPROOF_RECORD: a file for the path of the record, whose table the command noteproof prints; empty without it
	notices    []string             // notices for the user, such as that a variable has a new name
}

// permissions returns the permissions in the form of NOTEPROOF_ALLOW; empty if there are none.
func (s settings) permissions() string {
	var given []string
	for p, allowed := range s.allowed {
		if allowed {
			given = append(given, string(p))
		}
	}
	slices.Sort(given)
	return strings.Join(given, ",")
}

// renamed reads a variable that had another name until the last release. The old name works too, with a notice.
func (s *settings) renamed(env func(string) string, name, old string) string {
	if value := env(name); value != "" || env(old) == "" {
		return value
	}
	s.notices = append(s.notices, fmt.Sprintf("%s is called %s now; the old name works until the next release", old, name))
	return env(old)
}

// readSettings reads the environment. Its error names the invalid variable.
func readSettings(env func(string) string) (settings, error) {
	s := settings{
		version: env("K8S"), disturbed: env("NOTEPROOF_DISTURB"), image: env("NOTEPROOF_IMAGE"), engine: cmp.Or(env("NOTEPROOF_ENGINE"), env("KIND_EXPERIMENTAL_PROVIDER")),
		timeouts: scenario.DefaultTimeouts(),
	}
	if err := nodeimage.CheckVersion(s.version); err != nil {
		return s, fmt.Errorf("K8S: %w", err)
	}
	if err := engine.CheckName(s.engine); err != nil {
		return s, err
	}
	var err error
	if s.allowed, err = environ.ParsePermissions(s.renamed(env, "NOTEPROOF_ALLOW", "NOTEPROOF_LEAVE")); err != nil {
		return s, fmt.Errorf("NOTEPROOF_ALLOW: %w", err)
	}
	if s.keep, err = environ.ParseKeep(env("KEEP")); err != nil {
		return s, err
	}
	if s.sabotage, err = environ.Bool(env, "SABOTAGE"); err != nil {
		return s, err
	}
	if s.floor, err = environ.Bool(env, "NOTEPROOF_FLOOR"); err != nil {
		return s, err
	}
	s.recordTo = env("NOTEPROOF_RECORD")
	if text := env("CLAIMS"); text != "" {
		if s.claims, err = regexp.Compile(text); err != nil {
			return s, fmt.Errorf("CLAIMS=%q is not a regular expression: %w", text, err)
		}
	}
	if s.shard, err = evidence.ParseShard(env("NOTEPROOF_SHARD")); err != nil {
		return s, fmt.Errorf("NOTEPROOF_SHARD: %w", err)
	}
	factor, err := environ.TimeoutFactor(s.renamed(env, "NOTEPROOF_TIMEOUT_FACTOR", "NOTEPROOF_PATIENCE"))
	if err != nil {
		return s, fmt.Errorf("NOTEPROOF_TIMEOUT_FACTOR: %w", err)
	}
	s.timeouts = s.timeouts.Scaled(factor)
	if s.parallel, err = environ.Parallel(env("NOTEPROOF_PARALLEL")); err != nil {
		return s, fmt.Errorf("NOTEPROOF_PARALLEL: %w", err)
	}
	if s.registries, err = nodeimage.ParseRegistries(env("NOTEPROOF_REGISTRY")); err != nil {
		return s, fmt.Errorf("NOTEPROOF_REGISTRY: %w", err)
	}
	return s, s.readPaths(env)
}

// readPaths reads the variables that are paths, and sets their defaults.
func (s *settings) readPaths(env func(string) string) error {
	root, tests, err := moduleRoot()
	if err != nil {
		return err
	}
	s.root, s.tests, s.workingDir = root, tests, callerDir(root)
	if s.nodeImage, err = nodeimage.ParseOwnImage(s.workingDir, env("NOTEPROOF_NODE_IMAGE")); err != nil {
		return fmt.Errorf("NOTEPROOF_NODE_IMAGE: %w", err)
	}
	s.kubeconfig = environ.AbsoluteList(s.workingDir, env("KUBECONFIG_FILE"))
	s.file = environ.Absolute(s.workingDir, env("NOTEPROOF_CLUSTER"))
	if s.out = environ.Absolute(s.workingDir, env("NOTEPROOF_OUT")); s.out == "" {
		s.out = filepath.Join(root, "out")
	}
	s.cache, err = environ.Cache(env, s.workingDir)
	return err
}

// callerDir returns the working directory of the command, to which paths are relative. `go test` runs tests in the directory
// of their package, so this is the working directory of the go command on Linux, and the module's root elsewhere.
func callerDir(root string) string {
	dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", os.Getppid()))
	if err != nil {
		return root
	}
	return dir
}

// moduleRoot returns the directory of the go.mod that the tests belong to, and the path of their package relative to it.
// `go test` runs them in the directory of their package.
func moduleRoot() (root, tests string, err error) {
	start, err := os.Getwd()
	if err != nil {
		return "", "", fmt.Errorf("find the module's root: %w", err)
	}
	if root, err = environ.ModuleRoot(start); err != nil {
		return "", "", err
	}
	below, err := filepath.Rel(root, start)
	return root, "./" + filepath.ToSlash(below), err
}

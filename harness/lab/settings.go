package lab

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/scenario"
)

// settings are what the environment asks for.
type settings struct {
	version    string              // K8S: "v1.37.2", "1.37"; empty means the default
	claims     *regexp.Regexp      // CLAIMS: which claims to run; nil means all
	keep       bool                // KEEP=1: keep the cluster, and reuse the one that was kept
	sabotage   bool                // SABOTAGE=1: break each scenario on purpose, and want it to be noticed
	disturbed  string              // NOTEPROOF_DISTURB: what is done to the cluster on purpose while scenarios run
	kubeconfig string              // KUBECONFIG_FILE: a cluster that exists; a file, or a list of them as KUBECONFIG holds
	allowed    map[permission]bool // NOTEPROOF_ALLOW: what may be done to a cluster that exists
	image      string              // NOTEPROOF_IMAGE: the workload image on a cluster that exists
	engine     string              // NOTEPROOF_ENGINE, or kind's variable: docker, podman or nerdctl; empty detects
	cache      string              // NOTEPROOF_CACHE: where builds are kept
	out        string              // NOTEPROOF_OUT: where records and reports go
	typedIn    string              // the folder to which paths are relative
	root       string              // the folder of the go.mod that the tests belong to
	tests      string              // the package of the scenarios, as it is passed to go test at the module's root: "./scenarios"
	parallel   int                 // NOTEPROOF_PARALLEL: how many scenarios run at once
	timeouts   scenario.Timeouts   // scaled by NOTEPROOF_TIMEOUT_FACTOR
	tableless  bool                // NOTEPROOF_TABLE=no: the command noteproof prints the table itself
	notices    []string            // what to tell the user: a variable that has a new name
}

// permission is what may be done to a cluster that somebody else made, beyond the run's own namespaces.
type permission string

const (
	changeCluster permission = "change-cluster" // make objects outside of the run's namespaces, and label a node
	breakNodes    permission = "break-nodes"    // run commands on nodes, stop one and start it again
)

// permissions are those that were given, as NOTEPROOF_ALLOW takes them; empty when none was.
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

// renamed reads a variable that had another name until the last release; the old name is understood, with a notice.
func (s *settings) renamed(env func(string) string, name, old string) string {
	if value := env(name); value != "" || env(old) == "" {
		return value
	}
	s.notices = append(s.notices, fmt.Sprintf("%s is called %s now; the old name is understood until the next release", old, name))
	return env(old)
}

// defaultParallel is well above the number of cores because scenarios spend their time waiting.
const defaultParallel = 8

// readSettings reads the environment; its error names the variable that cannot be understood.
func readSettings(env func(string) string) (settings, error) {
	s := settings{
		version: env("K8S"), disturbed: env("NOTEPROOF_DISTURB"), image: env("NOTEPROOF_IMAGE"), engine: cmp.Or(env("NOTEPROOF_ENGINE"), env("KIND_EXPERIMENTAL_PROVIDER")),
		parallel: defaultParallel, timeouts: scenario.DefaultTimeouts(), allowed: map[permission]bool{},
	}
	allow := s.renamed(env, "NOTEPROOF_ALLOW", "NOTEPROOF_LEAVE")
	for _, text := range strings.FieldsFunc(allow, func(r rune) bool { return r == ',' || r == ' ' }) {
		given := permission(text)
		if given != changeCluster && given != breakNodes {
			return s, fmt.Errorf("NOTEPROOF_ALLOW names %q: want %s, %s, or both with a comma between", text, changeCluster, breakNodes)
		}
		s.allowed[given] = true
	}
	var err error
	if s.keep, err = environ.Bool(env, "KEEP"); err != nil {
		return s, err
	}
	if s.sabotage, err = environ.Bool(env, "SABOTAGE"); err != nil {
		return s, err
	}
	table, err := environ.Bool(env, "NOTEPROOF_TABLE")
	if err != nil {
		return s, err
	}
	s.tableless = env("NOTEPROOF_TABLE") != "" && !table
	if text := env("CLAIMS"); text != "" {
		if s.claims, err = regexp.Compile(text); err != nil {
			return s, fmt.Errorf("CLAIMS=%q is not a regular expression: %w", text, err)
		}
	}
	if text := s.renamed(env, "NOTEPROOF_TIMEOUT_FACTOR", "NOTEPROOF_PATIENCE"); text != "" {
		scale, err := strconv.ParseFloat(text, 64)
		if err != nil || scale <= 0 {
			return s, fmt.Errorf("NOTEPROOF_TIMEOUT_FACTOR=%q: want a number above 0, such as 2", text)
		}
		s.timeouts = s.timeouts.Scaled(scale)
	}
	if text := env("NOTEPROOF_PARALLEL"); text != "" {
		if s.parallel, err = strconv.Atoi(text); err != nil || s.parallel < 1 {
			return s, fmt.Errorf("NOTEPROOF_PARALLEL=%q: want a whole number from 1 up", text)
		}
	}
	return s, s.readPaths(env)
}

// readPaths reads the variables that are paths, and what they are when they are not set.
func (s *settings) readPaths(env func(string) string) error {
	root, tests, err := moduleRoot()
	if err != nil {
		return err
	}
	s.root, s.tests, s.typedIn = root, tests, typedIn(root)
	s.kubeconfig = environ.AbsoluteList(s.typedIn, env("KUBECONFIG_FILE"))
	if s.out = environ.Absolute(s.typedIn, env("NOTEPROOF_OUT")); s.out == "" {
		s.out = filepath.Join(root, "out")
	}
	if s.cache = environ.Absolute(s.typedIn, env("NOTEPROOF_CACHE")); s.cache == "" {
		caches, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("find the user's cache folder: %w; name one by NOTEPROOF_CACHE", err)
		}
		s.cache = filepath.Join(caches, "noteproof")
	}
	return nil
}

// typedIn is the folder in which the command was typed, to which paths are relative. `go test` runs tests in the folder of
// their package, so it is that of the go command itself where the system shows it (Linux), else the module's root.
func typedIn(root string) string {
	dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", os.Getppid()))
	if err != nil {
		return root
	}
	return dir
}

// moduleRoot is the folder of the go.mod that the tests belong to, and their package from there: `go test` runs them in
// their package's folder.
func moduleRoot() (root, tests string, err error) {
	start, err := os.Getwd()
	if err != nil {
		return "", "", fmt.Errorf("find the module's root: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			below, err := filepath.Rel(dir, start)
			return dir, "./" + filepath.ToSlash(below), err
		}
		if dir == filepath.Dir(dir) {
			return "", "", fmt.Errorf("find the module's root: no go.mod in %s or above it", start)
		}
	}
}

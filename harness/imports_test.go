package harness_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/noteproof/noteproof/"

// restricted lists packages that only some packages of harness/ may import, including the packages below them. Tests may import
// anything.
func restricted() []struct {
	imported string
	allowed  []string
	why      string
} {
	return []struct {
		imported string
		allowed  []string
		why      string
	}{
		{"testing", []string{"lab", "suite"}, "packages return errors; only lab, and scenarios through it, fail a test"},
		{"sigs.k8s.io/e2e-framework", []string{"lab"}, "lower packages must not depend on the framework that runs the tests"},
		{"sigs.k8s.io/kind", []string{"cluster"}, "all other packages work on any cluster"},
		{"github.com/onsi/gomega", []string{"scenario", "match"}, "expectations are matchers in match or assertions in scenario; lower packages return facts"},
		{"github.com/spf13/cobra", []string{"cmd"}, "packages do not depend on the command line"},
		{"github.com/jedib0t/go-pretty", []string{"report"}, "only report renders records"},
		{"github.com/jstemmer/go-junit-report", []string{"report"}, "only report renders records"},
		{"github.com/chromedp", nil, "only tests open the page in a browser; no program depends on a browser's client"},
		{"github.com/google/go-containerregistry", []string{"nodeimage"}, "only nodeimage builds and fetches images"},
		{module + "harness/lab", nil, "imports go in one direction: scenarios → lab → suite → scenario → the rest → claim"},
		{module + "harness/suite", []string{"lab"}, "imports go in one direction: scenarios → lab → suite → scenario → the rest → claim"},
		{module + "harness/scenario", []string{"lab", "suite"}, "imports go in one direction: scenarios → lab → suite → scenario → the rest → claim"},
		{module + "harness/cmd", nil, "the command line is not a library"},
		{module + "scenarios", nil, "the harness is for the scenarios of any repository"},
		{module + "harness/report", []string{"lab", "cmd"}, "observations must not depend on the reports"},
		{module + "harness/notes", []string{"lab", "suite", "scenario", "report", "cmd"}, "observations must not depend on the notes"},
		{module + "harness/match", []string{"scenario"}, "a package that returns facts does not judge them"},
	}
}

// limited lists packages that depend on few others, and which of our packages they may import.
func limited() map[string]struct {
	allowed []string
	why     string
} {
	return map[string]struct {
		allowed []string
		why     string
	}{
		"claim":      {nil, "the definition of a claim depends on nothing"},
		"version":    {nil, "the version of the program depends on nothing"},
		"environ":    {nil, "reading a variable depends on nothing"},
		"untrusted":  {nil, "cleaning a text depends on nothing"},
		"atomicfile": {nil, "writing a file depends on nothing"},
		"retry":      {[]string{"probe"}, "it needs only to know what an answer of the API server says"},
		"secret":     {nil, "masking a text depends on nothing"},
		"progress":   {[]string{"secret"}, "logging progress depends on nothing but what must not be logged"},
		"evidence":   {[]string{"atomicfile", "claim", "secret"}, "the record must be readable without a cluster"},
		"notes":      {[]string{"claim", "evidence", "untrusted"}, "it needs only the notes and the record"},
		"series":     {[]string{"atomicfile", "evidence", "progress"}, "it starts go test and reads records; it does not depend on clusters"},
		"matrix":     {[]string{"evidence", "progress", "series"}, "it reads records; it does not depend on how a suite produces them"},
		"disturbed":  {[]string{"claim", "evidence", "progress", "series", "untrusted", "verdict"}, "it reads records; it does not depend on how a cluster is disturbed"},
		"soak":       {[]string{"claim", "evidence", "progress", "series", "untrusted"}, "it reads records; it does not depend on how a suite produces them"},
		"report":     {[]string{"atomicfile", "claim", "evidence", "notes", "untrusted"}, "reports depend only on records and notes"},
		"system":     {nil, "the user's system depends on nothing"},
		"engine":     {[]string{"atomicfile", "evidence", "progress", "system"}, "it depends on the machine and not on clusters"},
		"nodeimage":  {[]string{"atomicfile", "engine", "evidence", "progress", "secret", "system", "version"}, "an image is built before a cluster exists"},
		"verdict":    {[]string{"claim", "evidence"}, "an answer depends only on observations"},
		"match":      {[]string{"claim", "evidence", "probe"}, "a matcher depends only on the values that a probe returns"},
	}
}

// files maps the Go files below harness, except tests, to their packages. A nested package counts as part of its parent.
func files(t *testing.T) map[string]string {
	t.Helper()
	packages := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "testdata" {
			return fs.SkipDir
		}
		pkg, _, inPackage := strings.Cut(strings.TrimPrefix(filepath.ToSlash(path), "internal/"), "/")
		if inPackage && !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			packages[path] = pkg
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return packages
}

func TestImportsGoInOneDirection(t *testing.T) {
	for path, pkg := range files(t) {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := refused(pkg, imported); why != "" {
				t.Errorf("harness/%s imports %s: %s", filepath.ToSlash(path), imported, why)
			}
		}
	}
}

// refused returns why a package of harness/ must not import another; "" if it may. Packages of harness/internal are named
// without "internal/".
func refused(pkg, imported string) string {
	imported = strings.Replace(imported, module+"harness/internal/", module+"harness/", 1)
	for _, b := range restricted() {
		if !below(imported, b.imported) || slices.Contains(b.allowed, pkg) || below(imported, module+"harness/"+pkg) {
			continue
		}
		return b.why
	}
	if inner, ours := strings.CutPrefix(imported, module+"harness/"); ours {
		inner, _, _ = strings.Cut(inner, "/")
		if p, ok := limited()[pkg]; ok && inner != pkg && !slices.Contains(p.allowed, inner) {
			return p.why
		}
	}
	return ""
}

func below(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func TestRefusedImports(t *testing.T) {
	for _, c := range []struct {
		pkg, imported string
		allowed       bool
	}{
		{"cluster", "sigs.k8s.io/kind/pkg/cluster", true},
		{"probe", "sigs.k8s.io/kind/pkg/cluster", false},
		{"scenario", "testing", false},
		{"lab", "testing", true},
		{"probe", "testing", false},
		{"probe", "testing/fstest", false},
		{"stage", module + "harness/scenario", false},
		{"cmd", module + "harness/scenario", false},
		{"scenario", module + "harness/scenario/inner", true},
		{"claim", module + "harness/evidence", false},
		{"claim", "strings", true},
		{"notes", module + "harness/claim", true},
		{"notes", module + "harness/engine", false},
		{"engine", module + "harness/internal/cluster", false},
		{"nodeimage", module + "harness/internal/nodeimage/podroutes", true},
		{"report", module + "scenarios", false},
		{"report", "github.com/chromedp/chromedp", false},
		{"stage", "testingfoo", true},
	} {
		if why := refused(c.pkg, c.imported); (why == "") != c.allowed {
			t.Errorf("%s imports %s: allowed is %t (%s), want %t", c.pkg, c.imported, why == "", why, c.allowed)
		}
	}
}

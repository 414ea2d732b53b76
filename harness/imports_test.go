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

// restricted lists imports that only some packages of harness/ may have, and what lies below them. Tests are free, since
// a package may be tested with anything.
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
		{"testing", []string{"lab", "suite"}, "packages return errors; only the lab, and a scenario by way of it, fails a test"},
		{"sigs.k8s.io/e2e-framework", []string{"lab"}, "the framework's way of running tests must not shape what lies below"},
		{"sigs.k8s.io/kind", []string{"cluster"}, "the rest works on any cluster, whoever made it"},
		{"github.com/onsi/gomega", []string{"scenario", "match"}, "an expectation is a matcher in match or an assertion of the handle; below, facts are returned"},
		{"github.com/spf13/cobra", []string{"cmd"}, "packages know nothing of command lines"},
		{"github.com/jedib0t/go-pretty", []string{"report"}, "what people read is made from the record, in one place"},
		{"github.com/jstemmer/go-junit-report", []string{"report"}, "what people read is made from the record, in one place"},
		{"github.com/chromedp", nil, "a browser looks at the page in a test; no product carries its client"},
		{"github.com/google/go-containerregistry", []string{"nodeimage"}, "images are made and fetched in one place"},
		{module + "harness/lab", nil, "imports go one way: scenarios → lab → suite → scenario → the rest → claim"},
		{module + "harness/suite", []string{"lab"}, "imports go one way: scenarios → lab → suite → scenario → the rest → claim"},
		{module + "harness/scenario", []string{"lab", "suite"}, "imports go one way: scenarios → lab → suite → scenario → the rest → claim"},
		{module + "harness/cmd", nil, "a command line is nobody's library"},
		{module + "scenarios", nil, "the harness serves any repository's scenarios, so it knows of none"},
		{module + "harness/report", []string{"lab", "cmd"}, "observing must not depend on how it is reported"},
		{module + "harness/notes", []string{"lab", "suite", "scenario", "report", "cmd"}, "a probe that knew the notes could see what they want to be seen"},
		{module + "harness/match", []string{"scenario"}, "a package that returns facts does not judge them"},
	}
}

// limited lists the packages that depend on few others, and all that they may import of ours.
func limited() map[string]struct {
	allowed []string
	why     string
} {
	return map[string]struct {
		allowed []string
		why     string
	}{
		"claim":     {nil, "what a claim is depends on nothing"},
		"version":   {nil, "which program runs depends on nothing"},
		"environ":   {nil, "reading a variable depends on nothing"},
		"untrusted": {nil, "cleaning a text depends on nothing"},
		"progress":  {nil, "reporting progress depends on nothing"},
		"evidence":  {[]string{"claim"}, "the record must be readable without a cluster"},
		"notes":     {[]string{"claim", "evidence", "untrusted"}, "a text and a record are all it takes"},
		"series":    {[]string{"evidence", "progress"}, "it starts go test and knows the record, and of no cluster"},
		"matrix":    {[]string{"evidence", "progress", "series"}, "it knows records, and not how a suite obtains them"},
		"disturbed": {[]string{"claim", "evidence", "progress", "series", "untrusted", "verdict"}, "it knows records, and not how a cluster is disturbed"},
		"soak":      {[]string{"claim", "evidence", "progress", "series", "untrusted"}, "it knows records, and not how a suite obtains them"},
		"report":    {[]string{"claim", "evidence", "notes", "untrusted"}, "every page is made of the record alone"},
		"engine":    {[]string{"evidence", "progress"}, "it knows the machine, and of no cluster on it"},
		"nodeimage": {[]string{"engine", "evidence", "progress", "version"}, "an image is made before there is any cluster"},
		"verdict":   {[]string{"claim", "evidence"}, "an answer follows from what was seen alone"},
		"match":     {[]string{"claim", "evidence", "probe"}, "a matcher looks at a value that a probe returned"},
	}
}

// files are the Go files below harness that are not tests, with the package each belongs to, or lies below.
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

func TestImportsGoOneWay(t *testing.T) {
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

// refused says why a package of harness/ must not import another; empty when it may. Packages of harness/internal go by
// their names alone.
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

package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/build"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/atomicfile"
	"github.com/noteproof/noteproof/harness/notes"
)

// newClaim creates the two files of a claim and adds the claim to the suite's list. The claim is invalid until its author has
// written the point, so that it cannot pass by itself.
func newClaim() *cobra.Command {
	return &cobra.Command{
		Use:   "claim ID [QUOTE]",
		Short: "Create the files of a new claim, such as pod.localhost",
		Long: "It writes scenarios/<topic>_<slug>_test.go and manifests/<topic>/<slug>.yaml, and adds the claim to the list in\n" +
			"scenarios/suite_test.go. QUOTE is the words of the notes; without it the quote must be added to the first file.",
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			quote := ""
			if len(args) == 2 {
				quote = args[1]
			}
			paths, err := createClaim(moduleRoot(), args[0], quote)
			for _, path := range paths {
				fmt.Fprintln(cmd.OutOrStdout(), filepath.FromSlash(relative(path)))
			}
			if err == nil {
				fmt.Fprintf(cmd.ErrOrStderr(), nextSteps, regexp.QuoteMeta(args[0]))
			}
			if len(paths) == 0 {
				return exit{exitUsage, err}
			}
			return err
		},
	}
}

// nextSteps are printed for the author of a claim, with the ID as a regular expression.
const nextSteps = `next (make NAME is the same as noteproof NAME, with the variables that make help lists):
  edit the first two files; name the points under the breaks of the suite, if it has any
  noteproof catalogue            if the suite has a catalogue
  noteproof check                reports what is wrong without a cluster
  noteproof verify '^%[1]s$' --keep
  noteproof sabotage '^%[1]s$' --keep
`

// outline is the data for the templates of a claim's files.
type outline struct {
	claim.Claim
	Name string // the Go variable, such as podLocalhost
}

// Korean returns whether the notes are in Korean, as far as the quote shows it.
func (o outline) Korean() bool { return notes.LanguageOf(o.Quote) == notes.Korean }

var scenarioFile = template.Must(template.New("scenario").Parse(`package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

// One variable for each proposition that the quote asserts: the proposition as a sentence, and its expected truth.
var {{.Name}}Holds = claim.P("", claim.True){{if .Korean}}.KO(""){{end}}

// Explain here why this is expected, and where it is documented.
var {{.Name}} = suite.Scenario{
	ID: "{{.ID}}", Points: []*claim.Point{ {{- .Name}}Holds},
	Quote: {{printf "%q" .Quote}},
	// A correct sentence in place of the quote; required unless every point is always expected to be true.
	// Correction: claim.Text{EN: "", KO: ""},
	// What a reader should learn beside the verdict, with a page of the Kubernetes documentation; optional.
	// Remark: claim.Remark{EN: "", KO: "", Docs: "/docs/concepts/…/"},
	//
	// The body is an example: a Service leads to the Pod that it selects. Write your own steps, witnesses, contrasts and points.
	Body: func(s *scenario.S) {
		// Steps bring the cluster into the state that is needed. A step that fails answers nothing.
		pod := s.List(s.Ready("app=web"))[0]
		client := s.Ready("app=client").In("") // its only container
		web, none := s.Service("web"), s.Service("none")

		// The witness shows that client, server and probe work without the mechanism in question. It holds whichever way the
		// point comes out.
		reached := s.Witness("the client reaches the Pod at its own IP").
			Eventually(client.HTTP(scenario.PodURL(pod, 8080) + "/hostname")).Should(BeAnsweredWith(pod.Name))
		// The contrast is the same mechanism where the answer must be the opposite one.
		nowhere := s.Contrast("a Service that selects no Pod leads nowhere").
			Consistently(client.HTTP(none.URL())).Should(BeUnreached())

		// The point is true if a look matches the first matcher, and false if all match the second. A deadline decides nothing.
		s.Point({{.Name}}Holds, reached, nowhere).Eventually(client.HTTP(web.URL()+"/hostname")).
			Decides(BeAnsweredWith(pod.Name), Lasting(BeUnreached()))
	},
	// A change to the manifest with which the point must come out otherwise, and the witness and the contrast must not. The
	// manifest contains Replace exactly once.
	Sabotage: suite.Sabotage{Replace: "selector: {app: web}", By: "selector: {app: other}", Point: {{.Name}}Holds},
}
`))

var manifestFile = template.Must(template.New("manifest").Parse(`# {{.ID}}: describe the objects and their purpose
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
  - {name: web, image: agnhost, args: [netexec]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, labels: {app: client}}
spec:
  containers:
  - {name: client, image: agnhost, args: [pause]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: none}
spec: {selector: {app: none}, ports: [{port: 80, targetPort: 8080}]}
`))

// createClaim writes the files below the module's root and returns their paths. It does not overwrite files.
func createClaim(root, id, quote string) ([]string, error) {
	if err := claim.CheckID(id); err != nil {
		return nil, fmt.Errorf("the ID of the claim is %q: %w", id, err)
	}
	draft := outline{Claim: claim.Claim{ID: id, Quote: quote}}
	draft.Name = variable(id)
	files := []struct {
		path string
		text *template.Template
	}{
		{filepath.Join(root, "scenarios", strings.NewReplacer(".", "_", "-", "_").Replace(id)+"_test.go"), scenarioFile},
		{filepath.Join(root, "manifests", draft.Topic(), draft.Slug()+".yaml"), manifestFile},
	}
	for _, file := range files {
		if _, err := os.Stat(file.path); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s exists already: the ID is taken", file.path)
		}
	}
	if onePlatform(files[0].path) {
		return nil, fmt.Errorf("go build would use %s on one platform only, because of its name: choose another slug", filepath.Base(files[0].path))
	}
	list := filepath.Join(root, "scenarios", suiteFile)
	withClaim, err := addToSuite(list, draft.Topic(), draft.Name)
	if err != nil {
		return nil, err
	}
	if err := checkQuote(filepath.Join(root, "scenarios"), quote); err != nil {
		return nil, err
	}
	var paths []string
	for _, file := range files {
		var text strings.Builder
		if err := file.text.Execute(&text, draft); err != nil {
			return paths, fmt.Errorf("create %s: %w", file.path, err)
		}
		if err := os.MkdirAll(filepath.Dir(file.path), 0o755); err != nil {
			return paths, fmt.Errorf("create %s: %w", file.path, err)
		}
		if err := os.WriteFile(file.path, []byte(text.String()), 0o644); err != nil {
			return paths, fmt.Errorf("create the claim: %w", err)
		}
		paths = append(paths, file.path)
	}
	if err := atomicfile.Write(list, withClaim, 0o644); err != nil {
		return paths, fmt.Errorf("add %s to the list: %w", draft.Name, err)
	}
	return append(paths, list), nil
}

// onePlatform reports whether the name of a Go file ends like that of a platform, such as _windows_test.go.
func onePlatform(path string) bool {
	elsewhere := build.Default
	elsewhere.GOOS, elsewhere.GOARCH = "none", "none"
	elsewhere.OpenFile = func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package scenarios\n")), nil
	}
	used, err := elsewhere.MatchFile(filepath.Dir(path), filepath.Base(path))
	return err == nil && !used
}

// suiteFile is the file that declares a suite, with its list of scenarios.
const suiteFile = "suite_test.go"

// embeddedFiles returns the files that the tests of a package embed, such as the notes, without those of folders.
func embeddedFiles(dir string) ([]string, error) {
	suite, err := build.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, pattern := range slices.Concat(suite.TestEmbedPatterns, suite.XTestEmbedPatterns) {
		found, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(pattern, "all:"))))
		if err != nil {
			return nil, fmt.Errorf("find the embedded files %s: %w", pattern, err)
		}
		files = append(files, found...)
	}
	return slices.DeleteFunc(files, func(path string) bool {
		info, err := os.Stat(path)
		return err != nil || !info.Mode().IsRegular()
	}), nil
}

// checkQuote returns an error if the suite embeds notes and none of them contains the quote.
func checkQuote(dir, quote string) error {
	if quote == "" {
		return nil
	}
	files, err := embeddedFiles(dir)
	if err != nil {
		return fmt.Errorf("find the quote: %w", err)
	}
	var errs []error
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("find the quote: %w", err)
		}
		text := notes.Parse(string(content))
		if err := text.Valid(); err != nil {
			return fmt.Errorf("find the quote in %s: %w", file, err)
		}
		if _, _, err = text.Find(notes.Quote{Text: quote, At: claim.Place{Nth: 1}}); err == nil {
			return nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", file, err))
	}
	return errors.Join(errs...)
}

// variable returns the name of a claim's Go variable: podTwoPortManifest for pod.two-port-manifest.
func variable(id string) string {
	words := strings.FieldsFunc(id, func(r rune) bool { return r == '.' || r == '-' })
	name := words[0]
	for _, word := range words[1:] {
		name += strings.ToUpper(word[:1]) + word[1:]
	}
	return name
}

// usedBy returns the Go file of a directory that uses the name of a claim's variable, or of its point's; empty if none does.
func usedBy(dir, name string) string {
	files, _ := filepath.Glob(filepath.Join(dir, "*.go")) // the pattern is valid
	used := regexp.MustCompile(`(?m)^\t*(var |func |const |type )?` + name + `(Holds)?\b`)
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && used.Match(text) {
			return file
		}
	}
	return ""
}

var (
	emptyList = regexp.MustCompile(`(Scenarios: \[\]suite\.Scenario\{)(\},)`)
	endOfList = regexp.MustCompile(`(?s)(Scenarios: \[\]suite\.Scenario\{.*?)(\n\t\},)`)
)

// addToSuite returns the file of the suite with the scenario in its list: after the last one of its topic, or at the end.
func addToSuite(path, topic, name string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("find the list of scenarios: %w; run it in a module that has scenarios/ and manifests/, or write the claim by hand", err)
	}
	if user := usedBy(filepath.Dir(path), name); user != "" {
		return nil, fmt.Errorf("%s uses the name %s already: choose another ID", user, name)
	}
	crlf := bytes.Contains(text, []byte("\r\n"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	text = emptyList.ReplaceAll(text, []byte("${1}\n\t${2}"))
	if !endOfList.Match(text) {
		return nil, fmt.Errorf("add %s to the list: no list of scenarios was found in %s; add it by hand", name, path)
	}
	ofTopic := regexp.MustCompile(`(?s)(Scenarios: \[\]suite\.Scenario\{.*\n\t\t` + topic + `[A-Z][^\n]*,)(\n)`)
	if inList := endOfList.Find(text); ofTopic.Match(append(inList, '\n')) {
		text = ofTopic.ReplaceAll(text, []byte("${1}\n\t\t"+name+",${2}"))
	} else {
		text = endOfList.ReplaceAll(text, []byte("${1}\n\t\t"+name+",${2}"))
	}
	if crlf {
		text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	return text, nil
}

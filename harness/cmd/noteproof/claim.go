package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/notes"
)

// newClaim lays out the two files of a claim and adds it to the suite's list. What it writes fails until its author has
// said what is to be observed: nothing in it can pass by itself.
func newClaim() *cobra.Command {
	return &cobra.Command{
		Use:   "claim ID [QUOTE]",
		Short: "Lay out the files of a new claim, such as pod.localhost",
		Args:  cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			quote := ""
			if len(args) == 2 {
				quote = args[1]
			}
			paths, err := layOut(".", args[0], quote)
			for _, path := range paths {
				fmt.Fprintln(cmd.OutOrStdout(), path)
			}
			if err == nil {
				fmt.Fprintf(cmd.ErrOrStderr(), "next: edit the first two files, then noteproof check, then noteproof verify '^%s$' --keep\n", regexp.QuoteMeta(args[0]))
			}
			return err
		},
	}
}

// outline is what a claim's files are made from.
type outline struct {
	claim.Claim
	Name string // of the Go variable: podLocalhost
}

var scenarioFile = template.Must(template.New("scenario").Parse(`package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

// One variable for each proposition that the quote asserts: in words, and what is expected of it.
var {{.Name}}Holds = claim.P("", claim.True)

// Say here why it is so, and where that is documented.
var {{.Name}} = suite.Scenario{
	ID: "{{.ID}}", Points: []*claim.Point{ {{- .Name}}Holds},
	Quote: {{printf "%q" .Quote}},
	// What can stand in the quote's place; needed unless every point is always expected to be true.
	// Correction: claim.Text{EN: "", KO: ""},
	//
	// The body is an example: a server that is asked by its Pod IP. Write steps, witnesses, contrasts and points of your own.
	Body: func(s *scenario.S) {
		// Steps bring the cluster to where it can be asked. A step that fails answers nothing.
		web := s.Ready("app=web")
		client := s.Ready("app=client").In("") // its only container
		pod := s.List(web)[0]

		// The witness shows without the mechanism in question that client, server and probe work.
		works := s.Witness("the server answers in its own container").
			Eventually(web.In("").HTTP("http://localhost:8080/hostname")).Should(BeAnsweredWith(pod.Name))
		// The contrast is the same mechanism where the answer must come out the other way.
		closed := s.Contrast("a port that nobody listens at is refused").
			Eventually(client.HTTP(scenario.PodURL(pod, 8081))).Should(BeRefused())

		// The point is decided by what true looks like and by what false looks like. A deadline is neither.
		s.Point({{.Name}}Holds, works, closed).Eventually(client.HTTP(scenario.PodURL(pod, 8080)+"/hostname")).
			Decides(BeAnsweredWith(pod.Name), Lasting(BeUnreached()))
	},
	// A change to the manifest under which the point must come out otherwise. Replace stands in the manifest exactly once.
	Sabotage: suite.Sabotage{Replace: "args: [netexec]", By: "args: [netexec, --http-port=8081]", Point: {{.Name}}Holds},
}
`))

var manifestFile = template.Must(template.New("manifest").Parse(`# {{.ID}}: say what stands here and why
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
`))

// layOut writes the files below the module's root and returns their paths. It overwrites nothing.
func layOut(root, id, quote string) ([]string, error) {
	// A claim that says nothing yet is distinguished from an ID that will never do.
	if !regexp.MustCompile(`^[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(id) {
		return nil, fmt.Errorf("the ID %q must read topic.slug in lower case, such as pod.localhost", id)
	}
	if err := stands(filepath.Join(root, "scenarios"), quote); err != nil {
		return nil, err
	}
	draft := outline{Claim: claim.Claim{ID: id, Quote: quote}}
	draft.Name = variable(id)
	files := []struct {
		path string
		made *template.Template
	}{
		{filepath.Join(root, "scenarios", strings.NewReplacer(".", "_", "-", "_").Replace(id)+"_test.go"), scenarioFile},
		{filepath.Join(root, "manifests", draft.Topic(), draft.Slug()+".yaml"), manifestFile},
	}
	for _, file := range files {
		if _, err := os.Stat(file.path); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is there already: the ID is taken", file.path)
		}
	}
	var paths []string
	for _, file := range files {
		var text strings.Builder
		if err := file.made.Execute(&text, draft); err != nil {
			return paths, fmt.Errorf("lay out %s: %w", file.path, err)
		}
		if err := os.MkdirAll(filepath.Dir(file.path), 0o755); err != nil {
			return paths, fmt.Errorf("lay out %s: %w", file.path, err)
		}
		if err := os.WriteFile(file.path, []byte(text.String()), 0o644); err != nil {
			return paths, fmt.Errorf("lay out the claim: %w", err)
		}
		paths = append(paths, file.path)
	}
	list := filepath.Join(root, "scenarios", suiteFile)
	if err := enlist(list, draft.Topic(), draft.Name); err != nil {
		return paths, err
	}
	return append(paths, list), nil
}

// suiteFile is where a suite is declared, with its list of scenarios.
const suiteFile = "suite_test.go"

// embedded finds the notes, which the suite embeds.
var embedded = regexp.MustCompile(`(?m)^//go:embed (\S+)$`)

// stands returns an error when the suite embeds notes and none of them holds the quote. None yet is fine.
func stands(dir, quote string) error {
	text, err := os.ReadFile(filepath.Join(dir, suiteFile))
	if err != nil || quote == "" {
		return nil // enlist reports the error
	}
	var errs []error
	for _, file := range embedded.FindAllSubmatch(text, -1) {
		held, err := os.ReadFile(filepath.Join(dir, string(file[1])))
		if err != nil {
			return fmt.Errorf("look for the quote: %w", err)
		}
		if _, _, err = notes.Parse(string(held)).Find(notes.Quote{Text: quote, At: claim.Place{Nth: 1}}); err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// variable is the name of a claim's Go variable: pod.two-port-manifest is podTwoPortManifest.
func variable(id string) string {
	words := strings.FieldsFunc(id, func(r rune) bool { return r == '.' || r == '-' })
	name := words[0]
	for _, word := range words[1:] {
		name += strings.ToUpper(word[:1]) + word[1:]
	}
	return name
}

var (
	emptyList = regexp.MustCompile(`(Scenarios: \[\]suite\.Scenario\{)(\},)`)
	endOfList = regexp.MustCompile(`(?s)(Scenarios: \[\]suite\.Scenario\{.*?)(\n\t\},)`)
)

// enlist adds the scenario to the suite's list: after the last one of its topic, or at the end.
func enlist(path, topic, name string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("add %s to the list: %w", name, err)
	}
	text = emptyList.ReplaceAll(text, []byte("${1}\n\t${2}"))
	if !endOfList.Match(text) {
		return fmt.Errorf("add %s to the list: %s holds no list of scenarios that could be found; add it by hand", name, path)
	}
	ofTopic := regexp.MustCompile(`(?s)(Scenarios: \[\]suite\.Scenario\{.*\n\t\t` + topic + `[A-Z][^\n]*,)(\n)`)
	if inList := endOfList.Find(text); ofTopic.Match(append(inList, '\n')) {
		text = ofTopic.ReplaceAll(text, []byte("${1}\n\t\t"+name+",${2}"))
	} else {
		text = endOfList.ReplaceAll(text, []byte("${1}\n\t\t"+name+",${2}"))
	}
	if err := renameio.WriteFile(path, text, 0o644); err != nil {
		return fmt.Errorf("add %s to the list: %w", name, err)
	}
	return nil
}

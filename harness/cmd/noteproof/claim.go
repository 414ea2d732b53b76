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

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/claim"
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

// One variable for each proposition that the quote asserts, and what is expected of it.
var {{.Name}}IsSo = claim.P("", claim.True)

// Say here why it is so, and where that is documented.
var {{.Name}} = suite.Scenario{
	ID: "{{.ID}}", Points: []*claim.Point{ {{- .Name}}IsSo},
	Quote: {{printf "%q" .Quote}},
	Body: func(s *scenario.S) {
		// Steps bring the cluster to where it can be asked. A step that fails answers nothing.
		web := s.Ready("app=web")
		client := s.Ready("app=client").In("")
		pod := s.List(web)[0]

		// The witness shows without the mechanism in question that client, server and probe work.
		works := s.Witness("the server answers in its own container").
			Eventually(web.In("").HTTP("http://localhost:8080/hostname")).Should(BeAnsweredWith(pod.Name))
		// The contrast is the same mechanism where the answer must come out the other way.
		closed := s.Contrast("a port that nobody listens at is refused").
			Eventually(client.HTTP(scenario.PodURL(pod, 8081))).Should(BeRefused())

		// The point is decided by what true looks like and by what false looks like. A deadline is neither.
		s.Point({{.Name}}IsSo, works, closed).Eventually(client.HTTP(scenario.PodURL(pod, 8080)+"/hostname")).
			Decides(BeAnsweredWith(pod.Name), Lasting(BeUnreached()))
	},
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
	list := filepath.Join(root, "scenarios", "suite_test.go")
	if err := enlist(list, draft.Name); err != nil {
		return paths, err
	}
	return append(paths, list), nil
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

// enlist adds the scenario at the end of the suite's list.
func enlist(path, name string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("add %s to the list: %w", name, err)
	}
	text = emptyList.ReplaceAll(text, []byte("${1}\n\t${2}"))
	if !endOfList.Match(text) {
		return fmt.Errorf("add %s to the list: %s holds no list of scenarios that could be found; add it by hand", name, path)
	}
	text = endOfList.ReplaceAll(text, []byte("${1}\n\t\t"+name+",${2}"))
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return fmt.Errorf("add %s to the list: %w", name, err)
	}
	return nil
}

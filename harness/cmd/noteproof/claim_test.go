package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noteproof/noteproof/harness/claim"
)

func TestTheFirstClaimOfAList(t *testing.T) {
	list := filepath.Join(t.TempDir(), "suite_test.go")
	for before, want := range map[string]string{
		"\tScenarios: []suite.Scenario{},\n})\n":     "\tScenarios: []suite.Scenario{\n\t\tpodFirst,\n\t},\n})\n",
		"\tScenarios: []suite.Scenario{\n\t},\n})\n": "\tScenarios: []suite.Scenario{\n\t\tpodFirst,\n\t},\n})\n",
		"\tScenarios: []suite.Scenario{\r\n\t},\r\n": "\tScenarios: []suite.Scenario{\r\n\t\tpodFirst,\r\n\t},\r\n",
	} {
		if err := os.WriteFile(list, []byte(before), 0o644); err != nil {
			t.Fatal(err)
		}
		if text, err := addToSuite(list, "pod", "podFirst"); err != nil || string(text) != want {
			t.Errorf("of %q became %q (%v), want %q", before, text, err, want)
		}
	}
}

func TestCreateClaim(t *testing.T) {
	root := t.TempDir()
	list := filepath.Join(root, "scenarios", "suite_test.go")
	if err := os.MkdirAll(filepath.Dir(list), 0o755); err != nil {
		t.Fatal(err)
	}
	const before = "package scenarios\n\nimport _ \"embed\"\n\n//go:embed \"notes.m?\"\nvar text string\n\nvar lab = x{\n\tScenarios: []suite.Scenario{\n\t\tpodLocalhost,\n\t\tserviceStays,\n\t},\n})\n"
	if err := os.WriteFile(filepath.Join(root, "scenarios", "notes.md"), []byte("# Notes\n\nAs output, the *\"words\"* hold.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(list, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := createClaim(root, "pod.two-ports", `the "words"`); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"scenarios/pod_two_ports_test.go": "var podTwoPorts = suite.Scenario{\n\tID: \"pod.two-ports\", Points: []*claim.Point{podTwoPortsHolds},\n\tQuote: \"the \\\"words\\\"\",",
		"manifests/pod/two-ports.yaml":    "# pod.two-ports:",
		"scenarios/suite_test.go":         "\t\tpodLocalhost,\n\t\tpodTwoPorts,\n\t\tserviceStays,\n\t},",
	} {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s does not contain %q (%v):\n%s", path, want, err, text)
		}
	}
	if _, err := createClaim(root, "pod.two-ports", ""); err == nil || !strings.Contains(err.Error(), "the ID is taken") {
		t.Errorf("a second time: %v", err)
	}
	for id, want := range map[string]string{
		"pod.on-windows": "choose another slug", "pod.twoports": "", "service.stays": "uses the name serviceStays already", "Pod": "topic.slug",
		"pod." + strings.Repeat("x", 45): "49 characters",
	} {
		if _, err := createClaim(root, id, ""); want != "" && (err == nil || !strings.Contains(err.Error(), want)) || want == "" && err != nil {
			t.Errorf("%s: %v, want %q", id, err, want)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "scenarios", "helpers_test.go"), []byte("package scenarios\n\nfunc jobState() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := createClaim(root, "job.state", ""); err == nil || !strings.Contains(err.Error(), "helpers_test.go uses the name jobState already") {
		t.Errorf("a name that another file uses: %v", err)
	}
	elsewhere := t.TempDir()
	if _, err := createClaim(elsewhere, "pod.new", ""); err == nil || !strings.Contains(err.Error(), "run it in a module") {
		t.Errorf("outside of a module: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(elsewhere, "*")); len(left) > 0 {
		t.Errorf("outside of a module it left %s", left)
	}
	if _, err := createClaim(root, "volume.lost", "words that are not there"); err == nil || !strings.Contains(err.Error(), "not in the notes") {
		t.Errorf("a quote that is not in the notes: %v", err)
	}
	if _, err := os.Stat(filepath.Join(root, "manifests/volume")); err == nil {
		t.Error("for a quote that is not in the notes files were written")
	}
	if _, err := createClaim(root, "volume.lost", ""); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(list); err != nil || !strings.Contains(string(text), "\t\tserviceStays,\n\t\tvolumeLost,\n\t},") {
		t.Errorf("the first claim of a topic is not at the end of the list (%v):\n%s", err, text)
	}
	if _, err := createClaim(root, "Pod", ""); err == nil || !strings.Contains(err.Error(), "topic.slug") {
		t.Errorf("a malformed ID: %v", err)
	}
}

// TestANewClaimCompiles builds the files of a new claim as if they were in a directory of this module.
func TestANewClaimCompiles(t *testing.T) {
	root := t.TempDir()
	list := filepath.Join(root, "scenarios", "suite_test.go")
	if err := os.MkdirAll(filepath.Dir(list), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(list, []byte("package scenarios\n\nvar lab = x{\n\tScenarios: []suite.Scenario{},\n})\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := createClaim(root, "pod.two-ports", "the words"); err != nil {
		t.Fatal(err)
	}
	made := filepath.Join(root, "scenarios", "pod_two_ports_test.go")
	if text, err := exec.Command("gofmt", "-l", made).CombinedOutput(); err != nil || len(text) > 0 {
		t.Errorf("it is not formatted (%v): %s", err, text)
	}
	module, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(module, "laidout", "claim.go"): made}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, "overlay.json")
	if err := os.WriteFile(path, overlay, 0o644); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-overlay", path, "./laidout")
	build.Dir = module
	if text, err := build.CombinedOutput(); err != nil {
		t.Errorf("it does not compile: %v\n%s", err, text)
	}
}

// TestANewClaimCannotPass checks that the author of a new claim must write its point.
func TestANewClaimCannotPass(t *testing.T) {
	var text strings.Builder
	if err := scenarioFile.Execute(&text, outline{Name: "podTwoPorts"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), `claim.P("", claim.True)`+"\n") {
		t.Errorf("the point has a text that its author has not written:\n%s", text.String())
	}
	var korean strings.Builder
	if err := scenarioFile.Execute(&korean, outline{Name: "podTwoPorts", Claim: claim.Claim{Quote: "노트의 말"}}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(korean.String(), `claim.P("", claim.True).KO("")`+"\n") {
		t.Errorf("the point of notes in Korean has no place for a sentence in Korean:\n%s", korean.String())
	}
	for _, kind := range []string{"s.Ready(", "s.Witness(", "s.Contrast(", "s.Point("} {
		if !strings.Contains(text.String(), kind) {
			t.Errorf("the outline has no example of %s…)", kind)
		}
	}
}

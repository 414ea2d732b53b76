package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheFirstClaimOfAList(t *testing.T) {
	list := filepath.Join(t.TempDir(), "suite_test.go")
	for before, want := range map[string]string{
		"\tScenarios: []scenario.Scenario{},\n})\n":     "\tScenarios: []scenario.Scenario{\n\t\tpodFirst,\n\t},\n})\n",
		"\tScenarios: []scenario.Scenario{\n\t},\n})\n": "\tScenarios: []scenario.Scenario{\n\t\tpodFirst,\n\t},\n})\n",
	} {
		if err := os.WriteFile(list, []byte(before), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := enlist(list, "podFirst"); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(list); err != nil || string(text) != want {
			t.Errorf("of %q became %q (%v), want %q", before, text, err, want)
		}
	}
}

func TestLayOutOfAClaim(t *testing.T) {
	root := t.TempDir()
	list := filepath.Join(root, "scenarios", "suite_test.go")
	if err := os.MkdirAll(filepath.Dir(list), 0o755); err != nil {
		t.Fatal(err)
	}
	const before = "var lab = x{\n\tScenarios: []scenario.Scenario{\n\t\tpodLocalhost,\n\t},\n})\n"
	if err := os.WriteFile(list, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := layOut(root, "pod.two-ports", `the "words"`); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"scenarios/pod_two_ports_test.go": "var podTwoPorts = scenario.Scenario{\n\tClaim: claim.Claim{\n\t\tID:     \"pod.two-ports\",\n\t\tQuote:  \"the \\\"words\\\"\",",
		"manifests/pod/two-ports.yaml":    "# pod.two-ports:",
		"scenarios/suite_test.go":         "\t\tpodLocalhost,\n\t\tpodTwoPorts,\n\t},",
	} {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s does not hold %q (%v):\n%s", path, want, err, text)
		}
	}
	if _, err := layOut(root, "pod.two-ports", ""); err == nil || !strings.Contains(err.Error(), "the ID is taken") {
		t.Errorf("a second time: %v", err)
	}
	if _, err := layOut(root, "Pod", ""); err == nil || !strings.Contains(err.Error(), "topic.slug") {
		t.Errorf("a malformed ID: %v", err)
	}
}

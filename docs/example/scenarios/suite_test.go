package scenarios

import (
	_ "embed"
	"os"
	"testing"

	"github.com/noteproof/noteproof/harness/notes"
	"github.com/noteproof/noteproof/harness/scenario"

	"example.com/notes/manifests"
)

//go:embed notes.en.txt
var text string

var lab = scenario.NewLab(scenario.Suite{
	Notes:     text,
	NotClaims: []notes.NotAClaim{}, // every line is a claim
	Manifests: manifests.FS,
	Scenarios: []scenario.Scenario{
		podRestartsInPlace,
		serviceReadyPods,
		labelAnyLength,
	},
})

func TestMain(m *testing.M) { os.Exit(lab.Main(m)) }

func TestClaims(t *testing.T) { lab.Run(t) }

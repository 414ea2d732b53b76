package scenarios

import (
	_ "embed"
	"os"
	"testing"

	"github.com/noteproof/noteproof/harness/lab"
	"github.com/noteproof/noteproof/harness/notes"
	"github.com/noteproof/noteproof/harness/suite"

	"example.com/notes/manifests"
)

//go:embed notes.en.txt
var text string

var claims = lab.New(suite.Suite{
	Notes:     text,
	NotClaims: []notes.NotAClaim{}, // every line is a claim
	Manifests: manifests.FS,
	Scenarios: []suite.Scenario{
		podRestartsInPlace,
		serviceReadyPods,
		labelAnyLength,
	},
})

func TestMain(m *testing.M) { os.Exit(claims.Main(m)) }

func TestClaims(t *testing.T) { claims.Run(t) }

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

//go:embed notes.en.md
var text string

var claims = lab.New(suite.Suite{
	Notes: text,
	NotClaims: []notes.NotAClaim{
		{Kind: notes.Heading, Why: "a heading"},
		{Quote: "What I took down, before I looked anything up.", Why: "about the notes"},
		{Quote: "object what to know of it", Why: "the head of the table"},
	},
	Manifests: manifests.FS,
	Scenarios: []suite.Scenario{
		podRestartsInPlace,
		probeLiveness,
		probeReadiness,
		labelAnyLength,
		serviceReadyPods,
		deploymentRollsBack,
		jobTriesUntil,
		jobCleansUp,
		configReachesContainers,
		configImmutable,
		accessDefaultAccount,
		accessClusterRole,
		customStoresAll,
	},
})

func TestMain(m *testing.M) { os.Exit(claims.Main(m)) }

func TestClaims(t *testing.T) { claims.Run(t) }

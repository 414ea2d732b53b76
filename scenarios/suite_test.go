package scenarios

import (
	_ "embed"
	"os"
	"testing"

	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/manifests"
)

//go:embed lecture.ko.txt
var lecture string

var lab = scenario.NewLab(scenario.Suite{
	Notes:     lecture,
	Manifests: manifests.FS,
	Scenarios: []scenario.Scenario{
		podContainsContainers,
		podContainersAndPorts,
		podLocalhost,
		podIPInsideOnly,
		podReplacedWithNewIP,
		podNodeLost,
		podTwoPortManifest,
		labelAnyObject,
		labelGroupAndConnect,
		labelKeyValue,
		labelSelectDev,
		labelSelectProduction,
		schedulePickNode,
		scheduleByResources,
		scheduleMemoryOverLimit,
		scheduleCPUOverLimit,
		serviceOutlivesPods,
		serviceTypesDiffer,
		servicePortTargetPort,
		serviceClusterIPForInsiders,
		serviceNodePortEveryNode,
		serviceAnyNodeAnyPod,
		serviceLocalPolicy,
		serviceNodePortRange,
		serviceLoadBalancerIsNodePort,
		serviceLoadBalancerSpreads,
		serviceLoadBalancerNeedsPlugin,
		serviceLoadBalancerOutside,
		volumeSharedInPod,
		volumeEmptyDirStartsEmpty,
		volumeEmptyDirLikeLocal,
		volumeEmptyDirLost,
		volumeHostPathSurvives,
		volumeHostPathOtherNode,
		volumeClaimIndirection,
		dashboardTokenSecret,
	},
})

func TestMain(m *testing.M) { os.Exit(lab.Main(m)) }

func TestClaims(t *testing.T) { lab.Run(t) }

package scenarios

import (
	_ "embed"
	"os"
	"testing"

	"github.com/noteproof/noteproof/harness/lab"
	"github.com/noteproof/noteproof/harness/notes"
	"github.com/noteproof/noteproof/harness/suite"
	"github.com/noteproof/noteproof/manifests"
)

//go:embed lecture.ko.txt
var lecture string

var theLab = lab.New(suite.Suite{
	Notes: lecture,
	NotClaims: []notes.NotAClaim{
		{Quote: "쿠버네티스 강의를 보고 정리한 자료입니다.", Why: "it says where the notes come from"},
		{Quote: "- type:web, lo: dev, type:db, lo: dev, type:server, lo: dev", Why: "a table of labels; label.select-dev selects from it"},
		{Quote: "- type:web, lo: production, type:db, lo: production, type:server, lo: production", Why: "a table of labels; label.select-production selects from it"},
		{Quote: "token 정보 가져오기", Why: "a caption of the command before it"},
	},
	Catalogue: "CATALOGUE.md",
	Manifests: manifests.FS,
	Scenarios: []suite.Scenario{
		podContainsContainers,
		podContainersAndPorts,
		podLocalhost,
		podIPInsideOnly,
		podDetectsProblems,
		podReplacedWithNewIP,
		podNodeLost,
		podTwoPortManifest,
		labelAnyObject,
		labelGroupAndConnect,
		labelKeyValue,
		labelSelectDev,
		labelSelectProduction,
		schedulePickNode,
		schedulePickControlPlane,
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
		serviceLoadBalancerWithoutNodePort,
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
	Breaks: clusterBreaks, Faults: clusterFaults, Unturned: unturned,
})

func TestMain(m *testing.M) { os.Exit(theLab.Main(m)) }

func TestClaims(t *testing.T) { theLab.Run(t) }

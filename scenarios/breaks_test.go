package scenarios

import (
	"time"

	"github.com/noteproof/noteproof/harness/breaks"
	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/lab"
	"github.com/noteproof/noteproof/harness/suite"
)

// The claims that a break is applied to: those that its mechanism could affect, and related ones, which must not turn.
const (
	network   = `^(pod\.(ip-inside-only|localhost)|label\.(group|select)|service\.(outlives|port|cluster|node-port|any|local))`
	services  = `^(pod\.ip-inside-only|label\.(any|group|select)|service\.(outlives|port|cluster|node-port|any|local))`
	balancing = `^service\.(load-balancer|node-port-every|types)`
	pods      = `^(pod\.(contains|containers|localhost|replaced|two-port)|schedule\.(pick|memory)|service\.(outlives|port)|volume\.)`
	resources = `^(schedule\.|pod\.(localhost|replaced))`
	volumes   = `^(volume\.|pod\.(localhost|replaced))`
)

// clusterBreaks are breaks that each disable one mechanism, with the points that rest on it.
var clusterBreaks = []suite.Break{
	{
		Disturbance: breaks.WithoutKubeProxy(), Claims: network,
		Turns: []*claim.Point{
			selectorConnects, loProductionReaches, serviceStays, port9000LeadsTo8080, clusterIPInside, samePortEverywhere, nodeReachesAnyPod, localOwnPods,
			onEveryAddress, keptOnNode, insidersOnly,
		},
		Tolerates: map[*claim.Point]string{localSeesClient: "nobody answers, so no client is seen"},
	},
	{
		Disturbance: breaks.WithoutKubeProxyOn(1), Claims: network,
		Turns: []*claim.Point{samePortEverywhere, nodeReachesAnyPod, localOwnPods, serviceStays, port9000LeadsTo8080, keptOnNode},
		Tolerates: map[*claim.Point]string{
			insidersOnly:     "the node that is asked may be that node",
			selectorConnects: onThatNode, loProductionReaches: onThatNode, clusterIPInside: onThatNode, localSeesClient: onThatNode,
		},
	},
	{
		Disturbance: breaks.WithoutController("endpointslice-controller"), Claims: services,
		Turns: []*claim.Point{
			selectorConnects, loProductionReaches, serviceStays, port9000LeadsTo8080, clusterIPInside, samePortEverywhere, nodeReachesAnyPod, localOwnPods, operatorReaches,
			onEveryAddress, keptOnNode, insidersOnly,
		},
		Tolerates: map[*claim.Point]string{localSeesClient: "nobody answers, so no client is seen"},
	},
	{Disturbance: breaks.WithoutController("replicaset-controller"), Within: true, Claims: `^(pod\.replaced|label\.group|volume\.empty-dir-lost)`, Turns: []*claim.Point{ownedIsReplaced, selectorsGroup}},
	{Disturbance: breaks.WithoutController("persistentvolume-binder-controller"), Claims: volumes, Turns: []*claim.Point{claimFindsVolume}},
	{Disturbance: breaks.WithoutController("taint-eviction-controller"), Claims: `^pod\.(node-lost|replaced)`, Turns: []*claim.Point{replacedElsewhere}},
	{Disturbance: breaks.WithoutController("serviceaccount-token-controller"), Claims: `^(dashboard\.|label\.key)`, Turns: []*claim.Point{secretStillWorks}},
	{Disturbance: breaks.WithoutSchedulerPlugin("NodeResourcesFit"), Claims: `^(schedule\.(pick|by)|volume\.host-path-other)`, Turns: []*claim.Point{placedByRequest, placedByUse}},
	{Disturbance: breaks.WithoutSchedulerPlugin("NodeAffinity"), Claims: `^schedule\.pick`, Turns: []*claim.Point{nodeByLabel, masterLabel}},
	{Disturbance: breaks.WithoutNodeSelectors(), Claims: `^schedule\.pick`, Turns: []*claim.Point{nodeByLabel, masterLabel}},
	{Disturbance: breaks.SwappedNodeNames(), Claims: `^schedule\.pick`, Turns: []*claim.Point{nodeByName}},
	{Disturbance: breaks.WithoutCPUQuota(), Claims: `^schedule\.(cpu|memory)`, Turns: []*claim.Point{heldDown}},
	{Disturbance: breaks.ScaledMemoryLimits(), Claims: resources, Turns: []*claim.Point{killedOverMemory, requestsWithLimit}},
	{Disturbance: breaks.WithoutLimits(), Claims: resources, Turns: []*claim.Point{killedOverMemory, requestsWithLimit, heldDown}},
	{Disturbance: breaks.NeverRestarted(), Claims: `^schedule\.memory`, Turns: []*claim.Point{endedOverMemory}},
	{
		Disturbance: breaks.WithoutVolumeMounts(), Claims: volumes,
		Turns: []*claim.Point{startsEmpty, sharedInPod, likeLocal, hostPathShared, hostPathOutlives, volumeOutlivesPod, keptBySharing},
	},
	{Disturbance: breaks.SeparateVolumes(), Claims: volumes, Turns: []*claim.Point{sharedInPod, likeLocal}},
	{Disturbance: breaks.EmptyDirOnHost(), Claims: volumes, Turns: []*claim.Point{emptyDirLost}},
	{Disturbance: breaks.HostPathInPod(), Claims: volumes, Turns: []*claim.Point{hostPathShared, hostPathOutlives, keptBySharing}},
	{Disturbance: breaks.ClaimInPod(), Claims: volumes, Turns: []*claim.Point{volumeOutlivesPod}},
	{Disturbance: breaks.LocalIsCluster(), Claims: `^service\.(any|local|node-port)`, Turns: []*claim.Point{localOwnPods, localSeesClient, localTerminates}},
	{Disturbance: breaks.ClusterIsLocal(), Claims: `^service\.(any|local|node-port|port)`, Turns: []*claim.Point{localAsTyped, nodeReachesAnyPod, samePortEverywhere},
		Tolerates: map[*claim.Point]string{insidersOnly: "its Pod may be on another node than the one that is asked"}},
	{Disturbance: breaks.WithoutRoute(1, 2), Claims: network, Turns: []*claim.Point{reachableInside}, Tolerates: map[*claim.Point]string{
		nodeReachesAnyPod: betweenNodes, loProductionReaches: betweenNodes, selectorConnects: betweenNodes, clusterIPInside: betweenNodes, samePortEverywhere: betweenNodes,
		localAsTyped: betweenNodes, insidersOnly: betweenNodes, keptOnNode: betweenNodes,
	}},
	// Not service.local-policy, which waits until a Pod that ends has left the endpoints.
	{Disturbance: breaks.UnreadyEndpoints(), Claims: `^(pod\.ip-inside-only|label\.(any|group|select)|service\.(outlives|port|cluster|node-port|any))`, Turns: []*claim.Point{selectorConnects}},
	// A cluster may have Services that send one client to one Pod: the other Pods are not observed then, and nothing is refuted.
	{Disturbance: breaks.StickyServices(), Claims: `^(label\.(group|select)|service\.(any|outlives|port|local|load-balancer))`},
	{Disturbance: breaks.WithoutTargetPorts(), Claims: services, Turns: []*claim.Point{port9000LeadsTo8080}, Tolerates: map[*claim.Point]string{
		clusterIPInside: ownPort, samePortEverywhere: ownPort, nodeReachesAnyPod: ownPort, localOwnPods: ownPort, serviceStays: ownPort, selectorConnects: ownPort,
		loProductionReaches: ownPort, operatorReaches: ownPort, localSeesClient: ownPort, insidersOnly: ownPort, onEveryAddress: ownPort, keptOnNode: ownPort,
	}},
	{Disturbance: breaks.WithoutServiceLabels(), Claims: `^label\.`, Turns: []*claim.Point{selectorsGroup, labelsOnAnyObject}},
	{Disturbance: breaks.AllowEverybody(), Claims: `^(service\.cluster|label\.key|dashboard\.)`, Turns: []*claim.Point{strangerRefused, getForwards}},
	{Disturbance: breaks.AdminForEverybody(), Claims: `^(service\.cluster|label\.key|dashboard\.)`, Turns: []*claim.Point{strangerRefused, getForwards}},
	{Disturbance: breaks.WiderNodePorts(), Claims: `^service\.(node-port|port)`, Turns: []*claim.Point{nodePortRange}},
	{Disturbance: breaks.LocalNodePorts(), Claims: network + `|^service\.types`, Turns: []*claim.Point{samePortEverywhere, nodeReachesAnyPod, localOwnPods, typesDiffer, insidersOnly}, Tolerates: map[*claim.Point]string{
		localSeesClient: "nobody answers, so no client is seen",
	}},
	{Disturbance: breaks.WithoutBalancerPool(), Claims: balancing, Turns: []*claim.Point{ipWithPlugin}},
	{Disturbance: breaks.BalancersWithoutNodePorts(), Claims: balancing, Turns: []*claim.Point{balancerIsNodePort}},
}

// The reasons why a break may turn a point that does not rest only on its mechanism.
const (
	onThatNode   = "its client may be on that node"
	betweenNodes = "the request may have to go from that node to the other"
	ownPort      = "its Service asks for another port of the Pod than its own"
)

// clusterFaults are faults that disturb the cluster while the suite runs. Each verdict must then be as expected, or
// inconclusive with the cause.
var clusterFaults = []suite.Fault{
	fault("api-server-away-15s", breaks.Later(10*time.Second, 15*time.Second, breaks.APIServerRefuses())),
	fault("api-server-hangs-70s", breaks.Later(15*time.Second, 70*time.Second, breaks.APIServerHangs())),
	fault("kubelet-restarts", breaks.Later(20*time.Second, time.Second, breaks.RestartedKubelet(1))),
	fault("worker-gone-and-back", breaks.Later(20*time.Second, 30*time.Second, breaks.StoppedWorker(2))),
	fault("etcd-slow", breaks.SlowEtcd()),
	fault("dns-down", breaks.WithoutDNS()),
	fault("processors-busy", breaks.BusyProcessors()),
	fault("image-missing-on-one-node", breaks.WithoutImageOn(1, lab.WorkloadImage)),
	fault("image-missing", breaks.WithoutImage(lab.WorkloadImage)),
	fault("worker-full", breaks.FullWorker(1)),
	fault("worker-cordoned", breaks.CordonedWorker(1)),
	fault("worker-not-ready", breaks.SilentWorker(2)),
	fault("api-server-restarts", breaks.Later(20*time.Second, time.Second, breaks.APIServerRestarts())),
	fault("scheduler-hangs-45s", breaks.Later(10*time.Second, 45*time.Second, breaks.SchedulerHangs())),
	fault("controller-manager-hangs-150s", breaks.Later(10*time.Second, 150*time.Second, breaks.ControllerManagerHangs())),
	fault("worker-drained", breaks.Later(20*time.Second, 30*time.Second, breaks.DrainedWorker(1))),
	{Disturbance: breaks.SlowNodeMonitor(), Claims: `^pod\.(node-lost|replaced)`},
	{Disturbance: breaks.SecondDefaultClass(), Claims: `^volume\.`},
}

func fault(name string, d breaks.Disturbance) suite.Fault {
	d.Name = name
	return suite.Fault{Disturbance: d}
}

// unturned are the points that no break turns, with the reasons.
var unturned = map[*claim.Point]string{
	podInsideContainer: sandbox, containerHoldsPods: sandbox, localhostReaches: sandbox, portsCollide: sandbox, sameImageTwice: sandbox,
	oneKeyOneValue: stored, typeDevSelects: stored, loDevSelects: stored, createsAsTyped: stored, flatCreates: stored, volumeWithoutClaim: stored,
	collisionUnsaid: stored, numberSelects: stored, podHasResources: stored, balancerTakesBoth: stored, ipIsObject: stored, saysIPMode: stored,
	secondIsUpFirst: ordered, wholeRestarts: ordered, probeNotices: ordered, grpcProbe: ordered, changedByNewPod: ordered, imageAsAVolume: ordered,
	hangNoticed:           "nothing watches a program without a probe, so there is nothing to be broken into noticing it",
	unreadyReplaced:       "no part of Kubernetes restarts or deletes a Pod that is not ready",
	newTaintIsAll:         "it rests on the taints that kubeadm gave the control plane, and on the scheduler, which also places what proves it",
	limitMustFit:          "no plugin of the scheduler looks at limits; a break can only keep Pods from being placed at all",
	saysWhy:               "the taint eviction controller says it with the eviction itself, which another break takes away as a whole",
	setReplaced:           "a StatefulSet's controller waits for the old Pod to be gone, and no part of Kubernetes can be broken into not waiting",
	setReplacedOnWord:     "it takes the Pod garbage collector, without which the evicted Pod is the same as one whose node is merely gone",
	ipStays:               "it rests on the container runtime and the CNI, which make a new sandbox after a reboot",
	aliasOnly:             "it is an answer of the cluster's DNS, without which no name is resolved and nothing is decided",
	byWayOfNodePort:       "it takes another kind of load balancer than one of layer 2",
	setTakesClaims:        "it takes the garbage collector, without which the claims' own namespaces would not be removed either",
	typeProductionReaches: "it is false because no Pod has the label; a break takes connections away and makes none",
	crashReplacesPod:      "no part of Kubernetes deletes a Pod for a crash, so there is none to be broken into doing it",
	bareIsReplaced:        "nothing watches a Pod without a controller, so there is nothing to be broken into making it again",
	podMoves:              "a Pod is bound to its node once; no part of Kubernetes binds it again",
	goneElsewhere:         "it takes nodes that share a file system; no part of Kubernetes brings one",
	fixedListens:          "it rests on two programs in one Pod and on nothing that the cluster does for them",
	notEndedCPU:           "a kubelet never ends a container for the CPU that it wants",
	toRequest:             "the kernel enforces limits; nothing holds a container at its request while the node has CPU to spare",
	clusterIPOutside:      routeless,
	unreachedOutside:      routeless,
	noIPWithoutPlugin:     "nothing in Kubernetes gives an external IP, so there is nothing to be broken into giving one",
	handsToEveryNode:      "it takes another kind of load balancer than one of layer 2",
	spreadsOverNodes:      "it takes a balancer that answers without spreading; a Service that sends one client to one Pod refutes nothing",
	externalIPOutside:     "MetalLB does not come up without kube-proxy, and its speaker is not taken away alone",
	podHasOwnIP:           hosted,
	podIPsChange:          hosted,
	accountMakesSecret:    "from 1.24 on no part of Kubernetes makes such a Secret; before, the token controller is turned off",
	tokenOnRequest:        "the API server itself gives such tokens; without it there is no cluster",
}

// The reasons why no break turns points of these kinds.
const (
	sandbox   = "it rests on the container runtime, which cannot start a Pod without a sandbox that its containers share; the scenario's sabotage unshares it"
	routeless = "it rests on a machine without a route, which each run shows by giving it one"
	hosted    = "Pods in the network of their node would have the same IP, and cannot run side by side with the ports that they have; the scenario's sabotage puts some there"
	ordered   = "it is work of the kubelet, which cannot do the rest of its work without this part; the scenario's sabotage takes it out of the Pod"
	stored    = "it rests on what the API server stores and compares, which cannot be taken away without taking the API server away"
)

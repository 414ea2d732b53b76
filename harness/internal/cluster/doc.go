// Package cluster creates kind clusters and waits until they are ready, reuses an existing one that matches, and removes
// what it created. It also adopts clusters that it did not create, and leaves those in place. It is the only package that
// imports kind.
//
//	spec.go          the cluster that the caller wants
//	up.go            reuses or creates a cluster, step by step
//	variant.go       a cluster that differs from the usual one, read from a file
//	config.go        kind's configuration from the Spec and the host; pure
//	kind.go          calls kind's library: logs its steps, cancels it, explains its errors
//	proxy.go         keeps the caller's proxy out of the nodes
//	reuse.go         checks whether an existing cluster matches the Spec
//	spare.go         a worker for claims that stop a node
//	wait.go          waits until a cluster is ready
//	troubles.go      reports why the cluster's own Pods are not ready
//	load.go          loads images onto the nodes
//	environment.go   describes the cluster, as observed
//	containers.go    lists and removes a cluster's containers and volumes
//	network.go       the network of the nodes of our clusters: whether it is ours and may be removed
//	nodes.go         stops and starts workers
//	onnode.go        runs commands in the nodes' containers
//	controlplane.go  runs commands on the control plane, with an administrator's kubeconfig
//	nerdctl.go       reads what nerdctl prints otherwise than docker and podman
//	outside.go       a container on the nodes' network that is not part of the cluster
//	pool.go          a free block of addresses on the nodes' network
//	loadbalancer.go  installs MetalLB with such a block, and uninstalls it
//	down.go          removes or keeps the cluster at the end of a run
//	sweep.go         removes what interrupted runs left behind
//	lease.go         the right to a name in the engine, so that one run at a time uses a cluster
//	pace.go          bounds the requests to an adopted cluster
//	secrets.go       makes the secrets of a kubeconfig known, so that they are masked
//	adopt.go         uses a cluster that somebody else created
package cluster

// Package cluster makes kind clusters that are truly ready, uses one again when it is the right one, and removes what it
// made; or it adopts a cluster that somebody else made, and makes nothing on it. It is the only room that knows kind.
//
//	spec.go         what cluster is wanted
//	up.go           reuse or create, step by step
//	config.go       the wish and the host's peculiarities as kind's configuration; pure
//	kind.go         kind's library, made to tell its steps and to end with a context
//	reuse.go        is the cluster that is there the right one?
//	wait.go         what a cluster must have before it is called ready
//	troubles.go     why its own Pods are not ready
//	load.go         the workload image on every node
//	environment.go  what the cluster is, as observed
//	down.go         everything of it gone; sweep.go, the same for runs that were cut off
//	containers.go   nodes as the engine sees them; network.go, the network that they share
//	lease.go        one run at a time has a cluster of that name
//	adopt.go        a cluster that somebody else made
package cluster

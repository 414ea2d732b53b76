// Package stage gives a claim a namespace of its own with the objects of the claim's manifest, and removes everything
// afterwards.
//
//	stage.go      the Stage: opens the namespace, creates objects, closes and waits until everything is gone
//	manifest.go   reads and validates a claim's manifest
//	words.go      replaces placeholders in manifests by the values of this cluster and stage
//	objects.go    lists, labels and submits objects for scenarios; delete.go deletes them
//	permission.go what an object demands of somebody else's cluster
//	adapt.go      changes Pods so that somebody else's cluster accepts them
//	guard.go      refuses requests of a claim that demand what was not allowed
//	refusal.go    reports what an admission policy or a quota refused
//	sweep.go      removes the stage's folder from the nodes
//	diagnose.go   collects events, statuses and logs after a failure
//	inventory.go  lists what is on the cluster, to find what a run left behind
//	owner.go      says on objects whose they are and until when
//	abandoned.go  removes what runs left that are not there any more
package stage

// Package harness is the map of the rooms that turn a claim into a verdict. It holds no code of its own.
//
// Doors open one way: scenarios → scenario → the rest → claim.
//
//	claim      what a claim, a point and a verdict are; pure
//	notes      the notes file: finds each quote, knows which lines nobody answers for; pure
//	untrusted  makes what a cluster said safe to print
//	progress   tells a person what is being done and since when
//	evidence   the one record of a run, written as things happen
//	engine     the container engine and the host: what works, what must be adapted
//	nodeimage  a kind node image for a Kubernetes version: found, pulled or built
//	cluster    creates, truly waits for, reuses and deletes a kind cluster
//	stage      a fresh namespace with the claim's manifest in it, everything gone afterwards
//	probe      read-only observations of the cluster
//	match      pure matchers on what the probes saw
//	scenario   the handle that a scenario's body uses; the only room that may fail a test
//	matrix     one version after another; goes on where it was interrupted
//	report     the table and the pages made of records, and the catalogue of the claims
//	cmd        the command line behind the Makefile
package harness

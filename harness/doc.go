// Package harness is the map of the packages that turn a claim into a verdict. It holds no code of its own.
//
// Imports go one way: scenarios → lab → suite → scenario → the rest → claim. These packages are for anybody's scenarios:
//
//	claim      what a claim, a point and a verdict are; pure
//	notes      the notes file: finds each quote, knows which lines no claim covers; pure
//	evidence   the one record of a run, written as things happen
//	probe      observations of the cluster
//	match      pure matchers on what the probes saw
//	scenario   the handle that a scenario's body uses: steps, witnesses, contrasts, points
//	breaks     what a suite can have done to a cluster, and undone, to prove its scenarios
//	suite      the declarations: notes, claims, bodies, manifests, sabotages, and what can be checked without a cluster
//	lab        the life of a run: a cluster, the scenarios on it, their health, the record, the reports
//	cmd        the command line behind the Makefile
//
// Those below internal/ are noteproof's own:
//
//	verdict    how looks become answers, and answers a verdict; pure
//	version    which noteproof runs
//	environ    reads environment variables as people set them; pure
//	untrusted  makes what a cluster said safe to print
//	progress   reports what is being done and since when
//	engine     the container engine and the host: what works, what must be adapted
//	nodeimage  a kind node image for a Kubernetes version: found, pulled or built
//	cluster    creates, waits for, reuses and deletes a kind cluster, or adopts one
//	stage      a fresh namespace with the claim's manifest in it, everything removed afterwards
//	series     what several runs in a row have in common: go test as a child, their state, a record of each
//	matrix     one version after another; resumes where it was interrupted
//	disturbed  the suite under each break and fault of the cluster, and the tables of what became of the claims
//	soak       the suite again and again, idle and loaded; reports what was not the same
//	report     the table and the pages made of records, and the catalogue of the claims
package harness

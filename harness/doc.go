// Package harness documents the packages that turn a claim into a verdict. It contains no code.
//
// Imports go in one direction: scenarios → lab → suite → scenario → the rest → claim. These packages are public, for the
// scenarios of any repository:
//
//	claim      defines claims, points and verdicts; pure
//	notes      the notes file: finds each quote, and the lines that no claim covers; pure
//	evidence   the record of a run, written while the run goes on
//	probe      observes the cluster
//	match      matchers on observations; pure. Its doc.go says how an OOM kill is distinguished from other ends
//	scenario   the handle that a scenario's body uses: steps, witnesses, contrasts, points
//	breaks     breaks of a cluster that a suite can apply and undo, to prove its scenarios
//	suite      the declarations: notes, claims, bodies, manifests, sabotages; and their checks without a cluster
//	lab        runs a suite: the cluster, the scenarios on it, its health, the record, the reports
//	cmd        the command line behind the Makefile
//
// The packages below internal/ are noteproof's own:
//
//	verdict    turns looks into answers, and answers into a verdict; pure
//	version    the version of the running noteproof
//	environ    parses values of environment variables; pure
//	secret     masks secrets in what is written and printed
//	atomicfile  replaces a file as a whole
//	untrusted  makes text from a cluster safe to print; pure
//	progress   logs what is being done and for how long
//	system     the commands with which the user's system installs and starts what is missing; pure, but for This
//	engine     the container engine and the host: selects an engine, and adapts it to the host
//	nodeimage  finds, pulls or builds a kind node image for a Kubernetes version
//	cluster    creates, reuses and removes kind clusters, and adopts other clusters
//	retry      repeats requests that change a cluster while its API server is away
//	stage      a namespace with the objects of a claim's manifest, all removed afterwards
//	series     what all series of runs have in common: go test as a child process, their state, a record of each run
//	matrix     runs the suite on one version after another; continues an interrupted matrix
//	disturbed  runs the suite under each break and fault of the cluster, and summarizes the outcomes of the claims
//	soak       repeats the suite, idle and loaded, and reports what was not the same
//	report     renders records as tables and pages, and the catalogue of the claims
//	interruption  a test that ends real runs at each stage, and sees what they leave
package harness

// Command noteproof tests notes about Kubernetes on a real cluster. It runs the scenarios of the module in which it is called,
// with go test, on one version or on several. It also lists and explains claims, builds node images, renders reports again,
// describes the machine and cleans up.
//
//   - main.go: the commands, and the directories that they use
//   - exit.go: the exit statuses
//   - verify.go, sabotage.go: one run of the suite
//   - list.go: what the suite reports about itself: list, explain, check, catalogue, notes
//   - claim.go: creates the files of a new claim
//   - report.go, shards.go: renders reports again, and joins the records of shards
//   - matrix.go: runs the suite on several versions
//   - soak.go: repeats the suite
//   - load.go, load_linux.go, load_other.go, burn.go: processes that keep CPUs busy, for a soak
//   - disturb.go: runs the suite on disturbed clusters: breaks, faults
//   - summary.go: summaries of soaks, breaks and faults
//   - versions.go, version.go: available Kubernetes versions, and the version of noteproof
//   - nodeimage.go: builds a node image
//   - bundle.go: saves and loads all that versions need
//   - doctor.go, clean.go: describes the machine, removes what noteproof created
package main

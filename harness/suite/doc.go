// Package suite declares what is to be proven: the notes, the claims in them, and the scenario of each claim. Check finds
// all errors that can be found without a cluster.
//
//   - suite.go: Suite and Scenario
//   - sabotage.go: changes to manifests that prove that a scenario can fail
//   - disturbance.go: breaks and faults of the cluster, which prove the scenarios
package suite

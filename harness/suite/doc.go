// Package suite declares what is to be proven: the notes, the claims in them, and the scenario of each claim. Check finds
// the errors that would prevent a run.
//
//   - suite.go: Suite and Scenario
//   - variant.go: variants of the cluster
//   - sabotage.go: changes to manifests that prove that a scenario can fail
//   - disturbance.go: breaks and faults of the cluster, which prove the scenarios
package suite

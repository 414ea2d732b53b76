// Package claim defines claims, their points, and how a verdict follows from what was observed. It is pure: it uses no
// cluster, no file and no clock.
//
// A claim is a sentence of the notes. It consists of points, each of which is one proposition as the notes mean it. A scenario
// observes each point to be true or false on a cluster. Judge turns the observations into a verdict.
//
//   - claim.go: Claim, Point and Need
//   - remark.go: Remark, the lesson of a claim
//   - verdict.go: Observed and Verdict
//   - version.go: Version
//   - truth.go: Truth, which depends on the version and on properties of the cluster
package claim

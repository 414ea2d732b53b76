// Package verdict turns looks at a cluster into answers. It is pure: it uses neither a test nor a cluster nor a clock.
//
//   - looks.go: several looks at one thing become true, false or nothing.
//   - health.go: the state of the cluster at that time decides whether an answer other than expected is trusted.
//   - judge.go: the points of a claim, with their witnesses and contrasts, become its verdict.
//
// A point is true when its positive evidence was seen, and false only when the contrary was seen. An expired deadline or a failed
// probe leaves the point unobserved and the claim inconclusive. So does an unhealthy cluster, if the answer is other than expected.
package verdict

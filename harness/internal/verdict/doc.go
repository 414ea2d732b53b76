// Package verdict turns looks at a cluster into answers. It is pure: it knows neither a test nor a cluster nor a clock.
//
//   - looks.go: many looks at one thing become true, false or nothing.
//   - health.go: the state of the cluster at that time says whether a contrary answer can be believed.
//   - judge.go: the points of a claim, with their witnesses and contrasts, become its verdict.
//
// A point is true when its positive evidence was seen, and false only when the contrary was seen. A deadline that passes,
// a probe that fails, a cluster that is not whole: each leaves it unobserved, and the claim inconclusive.
package verdict

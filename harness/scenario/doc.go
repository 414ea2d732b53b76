// Package scenario provides the handle that a scenario's body uses. Only this package and lab, which runs the tests, may
// fail a test.
//
// A body consists of four kinds of lines:
//
//   - a step brings the cluster into the state that is needed: s.Ready, s.Eventually(…).Should(…), s.Delete, s.Create, or
//     finds out whether the cluster can show the claim at all: s.Assume(…).Should(…);
//   - a witness shows that client, server and probe work without the mechanism in question: s.Witness(…).Expect(…).Should(…);
//   - a contrast uses that mechanism where the answer must be the opposite one: s.Contrast(…).Eventually(…).Should(…);
//   - a point decides: s.Point(point, witness, contrast).Eventually(…).Decides(yes, no).
//
// The life of a scenario, and its lines:
//
//   - scenario.go: S, the handle
//   - run.go: Run, Job and Prove, which runs one scenario from the namespace to the verdict
//   - timeouts.go: Timeouts
//   - step.go: steps, and looks that support a point without deciding it
//   - control.go: witnesses and contrasts
//   - point.go: points and their decisions
//   - look.go: how a look is repeated until it decides
//   - matchererror.go: errors of matchers that gomega hides
//   - describe.go: a matcher in a few words
//
// What a body can look at and do:
//
//   - pods.go: Pods and containers
//   - services.go, exposed.go: Services, and those with an external IP
//   - volumes.go: volumes
//   - objects.go: objects of any kind
//   - server.go: answers of the API server
//   - nodes.go, nodefill.go: nodes, and nodes whose memory is requested
//   - cpu.go: CPU usage
//   - outside.go: a machine outside the cluster
//   - tokens.go: the control plane's shell, and tokens
//   - client.go: clients and the test, for everything else
package scenario

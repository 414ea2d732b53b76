// Package scenario is the handle that a scenario's body works with. It is the only package, beside lab, which runs the
// tests, that may fail one.
//
// A body is written of four kinds of lines:
//
//   - a step brings the cluster to where it can be asked: s.Ready, s.Eventually(…).Should(…), s.Delete, s.Create;
//   - a witness shows that client, server and probe work, without the mechanism in question: s.Witness(…).Expect(…).Should(…);
//   - a contrast is that mechanism where the answer must come out the other way: s.Contrast(…).Eventually(…).Should(…);
//   - a point decides: s.Point(point, witness, contrast).Eventually(…).Decides(yes, no).
//
// The files hold one noun each: run.go the life of one scenario, step.go, control.go and point.go these four kinds of lines,
// look.go how a look is asked, and the others what can be looked at and done.
package scenario

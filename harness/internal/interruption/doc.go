// Package interruption has a test that interrupts real runs of the suite, at each stage and in each way, and sees what they leave. It has
// the build tag interruptions, because it takes minutes and a container engine: make interruptions.
package interruption

// Package soak repeats the suite on one Kubernetes version, alternately idle and loaded, and reports every verdict that was not
// the same in all runs. It continues an interrupted soak.
//
//	soak.go      makes one run after another, and keeps their state on disk
//	summary.go   summarizes the records of all runs; pure
//	compare.go   finds the usual result of a claim, and the runs that differ from it; pure
//	times.go     medians, maxima and their ratio; pure
//	markdown.go  renders the summary as a page; pure
package soak

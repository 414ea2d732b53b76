// Package disturbed runs the suite once under each disturbance of the cluster, and summarizes the records in two tables: the
// outcome of each claim under each break, and under each fault. It continues an interrupted series.
//
//	listing.go    parses the suite's list of disturbances
//	series.go     runs one disturbance after another, and keeps their state on disk
//	outcome.go    the outcome of claims and points in one run; pure
//	breaks.go     the table of the breaks: exactly the points that depend on a mechanism must turn; pure
//	faults.go     the table of the faults: a verdict must be as expected, or inconclusive with a cause; pure
//	breakpage.go  the table of the breaks as a page; faultpage.go, of the faults; pure
package disturbed

// Package disturbed runs the suite once under each disturbance of the cluster, and reads the records into two tables: what
// became of each claim under each break, and under each fault. It continues a series that was interrupted.
//
//	listing.go   what the suite says of its disturbances
//	series.go    one disturbance after another, and their state on disk
//	outcome.go   what became of claims and points in one run; pure
//	breaks.go    the table of the breaks: exactly the points that depend on a mechanism turn; pure
//	faults.go    the table of the faults: a verdict is right, or inconclusive with the cause; pure
//	breakpage.go, faultpage.go   the tables as pages; pure
package disturbed

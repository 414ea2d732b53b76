// Package series contains what all series of runs of the suite have in common, such as a matrix or a soak.
//
//	gotest.go  runs go test as a child process, child_linux.go and child_other.go with its attributes
//	file.go    the file of the series' state, with its lock
//	job.go     makes one run of a series and updates its row in the state
//	run.go     ensures that each run has a record, whether it succeeded or failed
package series

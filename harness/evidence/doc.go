// Package evidence defines the record of a run: what was claimed, what was expected, what was seen and when. All reports are
// generated from it. The Recorder writes it to disk during the run, so that an interrupted run leaves its results behind.
//
//   - record.go: Record and its parts; the schemas *.schema.json are generated from its comments
//   - recorder.go: writes and reads records
//   - mask.go: masks secrets
//   - rundir.go: the directories of runs, and the history of claims
//   - shards.go: the parts of a suite that several machines run, and their records joined
//   - previous.go: the last answers of earlier runs
//   - flip.go: Flip, which compares a claim with its last answer
//   - turned.go: answers that changed during a run
package evidence

package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// The exit statuses, as verify's help documents them. Other commands exit with 0, 1 or 2.
const (
	exitFailed       = 1 // a claim drifted or flipped; any other command failed
	exitUsage        = 2 // the command line is wrong, and nothing was done
	exitInconclusive = 3 // no claim drifted, and at least one has no verdict
	exitNotRun       = 4 // the run itself failed: nothing could be run, it was cut off, or it left something behind
)

// exit is an error with an exit status of its own.
type exit struct {
	status int
	error
}

func (e exit) Unwrap() error { return e.error }

// status is the exit status of a command that ended with this error. Begun is false when its arguments were refused.
func status(err error, begun bool) int {
	var e exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		return e.status
	case !begun:
		return exitUsage
	default:
		return exitFailed
	}
}

// outcome is what a run of the suite came to: nil when every claim that was run came out as expected. The record is nil when
// the run wrote none, and failure is what go test returned.
func outcome(record *evidence.Record, failure error) error {
	if record == nil {
		return exit{exitNotRun, fmt.Errorf("nothing was run: %w", cause(failure))}
	}
	var drifted, open []string
	for _, c := range record.Claims {
		switch {
		case c.Drift:
			drifted = append(drifted, c.ID+" drifted")
		case c.Flip.Fails():
			drifted = append(drifted, c.ID+" flipped")
		case c.Verdict == claim.Inconclusive:
			open = append(open, c.ID)
		}
	}
	switch {
	case len(drifted) > 0:
		return exit{exitFailed, errors.New(strings.Join(drifted, ", "))}
	case record.Failure != "":
		return exit{exitNotRun, errors.New(record.Failure)}
	case len(open) > 0:
		return exit{exitInconclusive, fmt.Errorf("inconclusive: %s", strings.Join(open, ", "))}
	case failure != nil:
		return exit{exitNotRun, failure}
	default:
		return nil
	}
}

func cause(err error) error {
	if err == nil {
		return errors.New("go test succeeded, and wrote no record")
	}
	return err
}

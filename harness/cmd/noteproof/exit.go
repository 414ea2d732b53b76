package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/series"
)

// The exit statuses, which verify's help documents. Other commands exit with 0, 1 or 2.
const (
	exitFailed       = 1 // a claim drifted or flipped; any other command failed
	exitUsage        = 2 // the command line, a file that it names, or a variable is wrong, and nothing was done
	exitInconclusive = 3 // no claim drifted, and at least one is inconclusive
	exitNotRun       = 4 // the run itself failed: nothing could be run, it was cut off, or it left something behind
)

// exit is an error with its exit status.
type exit struct {
	status int
	error
}

func (e exit) Unwrap() error { return e.error }

// status returns the exit status of a command that returned this error. begun is false if its arguments were invalid.
func status(err error, begun bool) int {
	var e exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		return e.status
	case !begun, errors.Is(err, nodeimage.ErrNotAVersion):
		return exitUsage
	default:
		return exitFailed
	}
}

// outcome returns the result of a run: nil if at least one claim was run and all that were came out as expected. There is a
// record for each suite that was run, and failure is the error of go test.
func outcome(records []*evidence.Record, failure error) error {
	if len(records) == 0 {
		return exit{exitNotRun, fmt.Errorf("nothing was run: %w", cause(failure))}
	}
	var drifted, failures, inconclusive []string
	ran, reason := false, ""
	for _, record := range records {
		if why := series.Failure(record); why != "" {
			failures = append(failures, why)
		}
		for _, c := range record.Claims {
			ran = ran || c.Verdict != claim.NotRun
			switch {
			case c.Drift:
				drifted = append(drifted, c.ID+" drifted")
			case c.Flip.Fails():
				drifted = append(drifted, c.ID+" flipped")
			case c.Verdict == claim.Inconclusive:
				inconclusive = append(inconclusive, c.ID)
			case c.Verdict == claim.NotRun && c.Reason != evidence.NotChosen:
				reason = cmp.Or(reason, c.ID+": "+c.Reason)
			}
		}
	}
	switch {
	case len(drifted) > 0:
		return exit{exitFailed, errors.New(strings.Join(append([]string{strings.Join(drifted, ", ")}, failures...), "\n"))}
	case len(failures) > 0:
		return exit{exitNotRun, errors.New(strings.Join(failures, "\n"))}
	case len(inconclusive) > 0:
		return exit{exitInconclusive, fmt.Errorf("inconclusive: %s", strings.Join(inconclusive, ", "))}
	case failure != nil:
		return exit{exitNotRun, failure}
	case !ran:
		return exit{exitNotRun, fmt.Errorf("no claim was run: %s", reason)}
	default:
		return nil
	}
}

func cause(err error) error {
	if err == nil {
		return errors.New("no claim was chosen")
	}
	return err
}

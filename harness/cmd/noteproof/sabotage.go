package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/series"
)

func sabotage() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "sabotage [CLAIMS] [flags] [-- GO TEST ARGUMENTS]",
		Short: "Break each scenario on purpose, and require that it reports drift",
		Long: "It runs like verify, with SABOTAGE=1: the change that a scenario declares is made to its manifest. The exit status is 0\n" +
			"if each change was noticed, 1 if one was not, 2 if the command line or a variable is wrong, and 4 if nothing could be run or the run itself\n" +
			"failed.",
		Args:              atMostOneClaim,
		ValidArgsFunction: completeClaims,
		RunE: func(cmd *cobra.Command, args []string) error {
			claims, behind := splitArgs(cmd, args)
			if err := f.check(claims, behind); err != nil {
				return err
			}
			d, err := newDirs()
			if err != nil {
				return err
			}
			if err := d.checkNodeImage(cmd.Context(), f); err != nil {
				return err
			}
			records, failure, err := d.run(cmd, f, f.testArgs(behind), append(f.environment(claims), "SABOTAGE=1"))
			if err != nil {
				return err
			}
			return noticed(records, failure)
		},
	}
	f.output = "table"
	f.add(cmd)
	return cmd
}

// noticed returns the result of a run of sabotaged scenarios, whose tests judge whether the changes were noticed.
func noticed(records []*evidence.Record, failure error) error {
	if len(records) == 0 {
		return outcome(nil, failure)
	}
	for _, record := range records {
		if why := series.Failure(record); why != "" {
			return exit{exitNotRun, errors.New(why)}
		}
	}
	return failure
}

package main

import (
	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/internal/series"
)

func sabotage() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "sabotage [CLAIMS] [flags] [-- GO TEST ARGUMENTS]",
		Short: "Break each scenario on purpose, and require that it reports drift",
		Long: "It runs like verify, with SABOTAGE=1: the change that a scenario declares is made to its manifest. The exit status is 1\n" +
			"if a change was not noticed.",
		Args:              atMostOneClaim,
		ValidArgsFunction: completeClaims,
		RunE: func(cmd *cobra.Command, args []string) error {
			claims, behind := splitArgs(cmd, args)
			if err := f.check(claims); err != nil {
				return err
			}
			return series.GoTest(cmd.Context(), f.testArgs(behind), append(f.environment(claims), "SABOTAGE=1")...)
		},
	}
	f.add(cmd)
	return cmd
}

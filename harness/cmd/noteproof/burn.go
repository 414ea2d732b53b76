package main

import (
	"github.com/spf13/cobra"
)

// burnCommand is the hidden command that keeps one CPU busy.
const burnCommand = "burn"

func burn() *cobra.Command {
	return &cobra.Command{
		Use:    burnCommand,
		Short:  "Keep one CPU busy until a signal; a soak starts this command",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			for ctx.Err() == nil {
			}
			return nil
		},
	}
}

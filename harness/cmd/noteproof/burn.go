package main

import (
	"github.com/spf13/cobra"
)

// burnCommand is the hidden command that keeps one core busy.
const burnCommand = "burn"

func burn() *cobra.Command {
	return &cobra.Command{
		Use:    burnCommand,
		Short:  "Keep one core busy until a signal ends it; a soak starts it",
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

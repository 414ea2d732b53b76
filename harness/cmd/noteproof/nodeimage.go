package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func nodeImage() *cobra.Command {
	return &cobra.Command{
		Use:   "node-image [VERSION]",
		Short: "Build a kind node image of a Kubernetes version from Go modules and Debian packages",
		Long: "VERSION is v1.37.2, or 1.37 for its newest patch; without it the default version is built. The name of the image\n" +
			"is printed on standard output, for kind create cluster --image NAME.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			want := ""
			if len(args) == 1 {
				want = args[0]
			}
			d, err := newDirs()
			if err != nil {
				return err
			}
			eng, err := d.engine(cmd.Context())
			if err != nil {
				return err
			}
			source := d.source()
			source.Engine, source.Machine = eng, eng.Host().Architecture
			version, err := source.Resolve(cmd.Context(), want)
			if err != nil {
				return err
			}
			image, err := source.Build(cmd.Context(), version)
			if err != nil {
				return fmt.Errorf("build a node image of Kubernetes %s: %w", version, err)
			}
			fmt.Fprintln(cmd.OutOrStdout(), image.Ref)
			return nil
		},
	}
}

package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/internal/nodeimage"
)

func nodeImage() *cobra.Command {
	var arch string
	var check bool
	cmd := &cobra.Command{
		Use:   "node-image [VERSION]",
		Short: "Build a kind node image of a Kubernetes version from Go modules and Debian packages",
		Long: "VERSION is v1.37.2, or 1.37 for its newest patch; without it the default version is built. The name of the image\n" +
			"is printed on standard output, for kind create cluster --image NAME. Images are built on Linux; one for another\n" +
			"architecture than this machine's needs a C compiler for it, and qemu's user emulation registered in binfmt_misc.\n\n" +
			"With --check nothing is built. It fails if a run would have to build the image and programs for that are missing,\n" +
			"and names them.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			want := ""
			if len(args) == 1 {
				want = args[0]
			}
			if !slices.Contains([]string{"", "amd64", "arm64"}, arch) {
				return exit{exitUsage, fmt.Errorf("--arch %s: want amd64 or arm64", arch)}
			}
			if err := nodeimage.CheckVersion(want); err != nil {
				return err
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
			source.Engine, source.Machine, source.Architecture = eng, eng.Host().Architecture, arch
			version, err := source.Resolve(cmd.Context(), want)
			if err != nil {
				return err
			}
			if check {
				return source.Obtainable(cmd.Context(), version)
			}
			image, err := source.Build(cmd.Context(), version)
			if err != nil {
				return fmt.Errorf("build a node image of Kubernetes %s: %w", version, err)
			}
			fmt.Fprintln(cmd.OutOrStdout(), image.Ref)
			return nil
		},
	}
	cmd.Flags().StringVar(&arch, "arch", "", "the architecture of the image, amd64 or arm64 (default: that of the engine's machine)")
	cmd.Flags().BoolVar(&check, "check", false, "build nothing; fail if a run would have to build the image and cannot")
	return cmd
}

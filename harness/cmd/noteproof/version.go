package main

import (
	"cmp"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/version"
)

// versionText is the version of this program, or the commit of the checkout that it is run in.
func versionText() string { return cmp.Or(version.Of("."), "(unknown)") }

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which noteproof this is, and which Kubernetes version it takes when none is named",
		Args:  cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			fmt.Fprintf(cmd.OutOrStdout(), "noteproof %s\nKubernetes %s\n%s %s/%s\n",
				versionText(), nodeimage.DefaultVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		},
	}
}

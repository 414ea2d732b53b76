package main

import (
	"cmp"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/version"
)

// versionText returns the version of this program, or the commit of the checkout in which it runs.
func versionText() string { return cmp.Or(version.Of("."), "(unknown)") }

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of noteproof, and the default Kubernetes version",
		Args:  cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			fmt.Fprintf(cmd.OutOrStdout(), "noteproof %s\nKubernetes %s\n%s %s/%s\n",
				versionText(), nodeimage.DefaultVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		},
	}
}

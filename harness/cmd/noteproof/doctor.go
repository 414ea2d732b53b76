package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
)

func doctor() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Describe this machine, what is done differently because of it, and what is missing",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := newDirs()
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "cache: %s\n", d.cache)
			builders := nodeimage.MissingBuilders()
			eng, err := d.engine(cmd.Context())
			if err != nil {
				return errors.Join(err, builders)
			}
			describe(out, eng)
			if builders != nil {
				fmt.Fprintf(out, "node images cannot be built here: %v\n", builders)
			}
			return nil
		},
	}
}

func describe(out io.Writer, eng *engine.Engine) {
	host := eng.Host()
	fmt.Fprintf(out, "engine: %s %s\n", eng.Name(), eng.Version())
	fmt.Fprintf(out, "host: %s, kernel %s, %s, %d CPUs, %d MiB, cgroup %s\n",
		host.OS, host.Kernel, host.Architecture, host.CPUs, host.MemoryMiB, host.CgroupVersion)
	if host.OtherKernel {
		fmt.Fprintln(out, "the engine has a kernel of its own: the host is its virtual machine, and limits of this machine do not count")
	}
	for _, a := range eng.Adaptations() {
		fmt.Fprintf(out, "adapted: %s: %s\n", a.Found, a.Did)
	}
	if len(eng.Adaptations()) == 0 {
		fmt.Fprintln(out, "adapted: nothing")
	}
}

package main

import (
	"errors"
	"fmt"
	"io"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/internal/engine"
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
			builders := missingBuilders()
			eng, err := d.engine(cmd.Context())
			if err != nil {
				return errors.Join(err, builders)
			}
			describe(out, eng)
			if builders != nil {
				fmt.Fprintf(out, "images can be pulled, but not built here: %v\n", builders)
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
	for _, a := range eng.Adaptations() {
		fmt.Fprintf(out, "adapted: %s: %s\n", a.Found, a.Did)
	}
	if len(eng.Adaptations()) == 0 {
		fmt.Fprintln(out, "adapted: nothing")
	}
}

// missingBuilders returns an error that lists the missing programs for building a node image.
func missingBuilders() error {
	var errs []error
	for _, b := range []struct{ program, install string }{
		{"go", "https://go.dev/doc/install"},
		{"cc", "sudo apt-get install gcc libc6-dev"},
		{"mmdebstrap", "sudo apt-get install mmdebstrap"},
	} {
		if _, err := exec.LookPath(b.program); err != nil {
			errs = append(errs, fmt.Errorf("%s is missing: %s", b.program, b.install))
		}
	}
	return errors.Join(errs...)
}

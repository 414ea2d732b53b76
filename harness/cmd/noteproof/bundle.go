package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/version"
)

// bundleSuffix ends the names of bundles.
const bundleSuffix = ".tar.zst"

func bundle() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bundle",
		Short: "Carry what Kubernetes versions need to a machine without a network",
		Long: "A bundle is one file with all that runs on some versions pull or build: the node image of each version, the workload image,\n" +
			"and the images of the load balancer plugin. On the other machine, which must have the same architecture,\n" +
			"a run on one of these exact versions then needs neither a network nor a build.\n\n" +
			"A bundle does not hold the container engine, Go, noteproof, and the modules that the scenarios are compiled with: bring the\n" +
			"module with a vendor directory (go mod vendor), or with a module cache (GOMODCACHE) that go mod download filled, and set\n" +
			"GOPROXY=off. Nor does it hold the images that a suite names for its nodes (Suite.Images): carry these with save and load of\n" +
			"the container engine.",
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(saveBundle(), loadBundle())
	return cmd
}

func saveBundle() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "save [flags] VERSION…",
		Short: "Save what versions need in one file; what is not here is pulled or built",
		Long: "VERSION is v1.37.2, or 1.37 for its newest patch. The path of the file is printed on standard output. The other machine\n" +
			"needs the same version of noteproof, or one that uses the same images.",
		Example: "  noteproof bundle save v1.37.2\n  noteproof bundle save --output carry" + bundleSuffix + " 1.36 1.37",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("name the versions to save, such as " + nodeimage.DefaultVersion)
			}
			for _, version := range args {
				if err := nodeimage.CheckVersion(version); err != nil {
					return err
				}
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			d, source, err := sourceWithEngine(cmd)
			if err != nil {
				return err
			}
			versions, err := source.ResolveAll(cmd.Context(), args)
			if err != nil {
				return err
			}
			versions = unique(versions)
			if output == "" {
				output = strings.Join(slices.Concat([]string{"noteproof"}, versions, []string{source.Machine}), "-") + bundleSuffix
			}
			file, err := filepath.Abs(output)
			if err != nil {
				return err
			}
			if err := source.SaveBundle(cmd.Context(), versions, version.Of(moduleRoot()), file); err != nil {
				return fmt.Errorf("save a bundle: %w", err)
			}
			d.log.Say("   on the other machine: noteproof bundle load %s", filepath.Base(file))
			fmt.Fprintln(cmd.OutOrStdout(), file)
			return nil
		},
	}
	cmd.Flags().StringVar(&output, "output", "", "the file (default: noteproof-VERSION-ARCHITECTURE"+bundleSuffix+")")
	return cmd
}

func loadBundle() *cobra.Command {
	return &cobra.Command{
		Use:   "load FILE",
		Short: "Load a bundle, so that its versions can be run without a network",
		Long: "All of it is verified before anything is loaded, and a bundle of which something cannot be loaded leaves nothing behind. The\n" +
			"versions that can be run are printed on standard output, one a line. noteproof distclean removes what was loaded.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("name one file, which noteproof bundle save wrote")
			}
			return nodeimage.CheckBundle(cmd.Context(), args[0])
		},
		ValidArgsFunction: cobra.FixedCompletions([]string{"zst"}, cobra.ShellCompDirectiveFilterFileExt),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, source, err := sourceWithEngine(cmd)
			if err != nil {
				return err
			}
			versions, err := source.LoadBundle(cmd.Context(), args[0], version.Of(moduleRoot()))
			if err != nil {
				return err
			}
			d.log.Say("   run one of these versions, such as: noteproof verify --kubernetes %s", versions[0])
			fmt.Fprintln(cmd.OutOrStdout(), strings.Join(versions, "\n"))
			return nil
		},
	}
}

// sourceWithEngine returns where images come from, with the container engine of this machine.
func sourceWithEngine(cmd *cobra.Command) (dirs, *nodeimage.Source, error) {
	d, err := newDirs()
	if err != nil {
		return d, nil, err
	}
	eng, err := d.engine(cmd.Context())
	if err != nil {
		return d, nil, err
	}
	source := d.source()
	source.Engine, source.Machine = eng, eng.Host().Architecture
	return d, source, nil
}

// unique returns the versions without their variants, which need the same images, each once and in their order.
func unique(versions []string) []string {
	var all []string
	for _, v := range versions {
		v, _ = nodeimage.SplitVariant(v)
		if !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/internal/series"
)

func list() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the claims with their last answers",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch output {
			case "table":
				return listSuite(cmd, "-claims")
			case "json":
				return listSuite(cmd, "-claims", "-json")
			default:
				return exit{exitUsage, fmt.Errorf("-o %s: want table or json", output)}
			}
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "table", "the form: table, or json for one object a line")
	return cmd
}

func explain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain CLAIM",
		Short: "Describe a claim: quote, points, needs, controls, sabotage, breaks, manifest, last answers",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("name one claim; noteproof list lists them")
			}
			return nil
		},
		ValidArgsFunction: completeClaims,
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "" {
				return exit{exitUsage, errors.New("name one claim; noteproof list lists them")}
			}
			text, err := series.List(cmd.Context(), suiteArgs(), []string{"-explain", args[0]})
			printList(cmd, text)
			if strings.Contains(text, args[0]) { // another suite may not have the claim
				return nil
			}
			return err
		},
	}
}

func check() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Check all that can be checked without a cluster: claims, quotes, manifests, sabotages, breaks, the catalogue",
		Long:  "Bodies are not checked, because they only run on a cluster.",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return listSuite(cmd, "-check") },
	}
}

func catalogue() *cobra.Command {
	return &cobra.Command{
		Use:   "catalogue",
		Short: "Write the catalogue of all claims to the path that the suite names",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return listSuite(cmd, "-catalogue") },
	}
}

func account() *cobra.Command {
	return &cobra.Command{
		Use:   "notes",
		Short: "List all lines of the notes with the claims that cover them",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := series.List(cmd.Context(), suiteArgs(), []string{"-notes"})
			printList(cmd, text) // also an account with mistakes
			return err
		},
	}
}

// completeClaims completes the first argument with the IDs of the claims.
func completeClaims(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 || inModule() != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	lines, err := series.List(cmd.Context(), suiteArgs(), []string{"-claims", "-json"})
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var ids []cobra.Completion
	for line := range strings.Lines(lines) {
		var claim struct{ ID, Quote string }
		if json.Unmarshal([]byte(line), &claim) == nil && claim.ID != "" { // notices are no JSON
			ids = append(ids, cobra.CompletionWithDesc(claim.ID, claim.Quote))
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// listSuite runs the suite's tests with flags that list something, and prints their output without that of go test.
func listSuite(cmd *cobra.Command, flags ...string) error {
	text, err := series.List(cmd.Context(), suiteArgs(), flags)
	printList(cmd, text) // also of a suite that is not finished
	return err
}

// notice matches lines of the log that are not part of a list, such as "  0:01 !  some records cannot be read".
var notice = regexp.MustCompile(`^ *\d+:\d\d !  `)

// printList prints a list on standard output, and notices on standard error.
func printList(cmd *cobra.Command, text string) {
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "go: downloading "):
		case notice.MatchString(line):
			fmt.Fprint(cmd.ErrOrStderr(), line)
		default:
			fmt.Fprint(cmd.OutOrStdout(), line)
		}
	}
}

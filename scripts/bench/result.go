//go:build linux

package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// table returns the results as Markdown.
func table(r result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What a run takes\n\nMeasured on %s: %d CPUs, %d MiB, %s, Linux %s, Kubernetes %s, noteproof %s.\n\n", r.At.Format("2006-01-02"),
		r.Machine.CPUs, r.Machine.MemoryMiB, r.Machine.Engine, r.Machine.Kernel, r.Machine.Version, r.Machine.Noteproof)
	if r.Image != nil {
		fmt.Fprintf(&b, "The node image, built in an empty cache: %.0f s, %.0f s of CPU time.\n\n", r.Image.Seconds, r.Image.Usage.Busy)
	}
	b.WriteString("| run | command | claims | CPU time | requests to the API server | peak of noteproof | chain |\n|---|---:|---:|---:|---:|---:|---|\n")
	for _, m := range r.Runs {
		fmt.Fprintf(&b, "| %s | %.0f s | %d in %.0f s | %.0f s | %s | %.0f MiB | %d links |\n", m.Kind, m.Seconds, m.Claims, m.Suite, m.Usage.Busy,
			count(m.Requests), m.Usage.PeakMiB["noteproof"], len(m.Chain))
	}
	if ratio := overFloor(r.Runs); ratio > 0 {
		fmt.Fprintf(&b, "\nThe claims take **%.2f times** the floor: the same objects created, awaited and deleted, and nothing observed.\n", ratio)
	}
	for _, m := range r.Runs {
		fmt.Fprintf(&b, "\n## %s\n\nWhat determined the time, from the first to the last:\n\n| at | took | what | longest wait |\n|---:|---:|---|---|\n", m.Kind)
		for _, l := range m.Chain {
			fmt.Fprintf(&b, "| %.0f s | %.1f s | %s | %s |\n", l.At, l.Seconds, cell(l.What), cell(l.Waited))
		}
		fmt.Fprintf(&b, "\nCPU time by program: %s.\n", shares(m.Usage))
		if len(m.Requests) > 0 {
			fmt.Fprintf(&b, "\nRequests by verb: %s.\n", counts(m.Requests))
		}
	}
	b.WriteString("\n![the steps and claims over time](plot.svg)\n")
	return b.String()
}

// overFloor returns the time of the claims on a cluster that is there, in relation to that of the floor; 0 if one is missing.
func overFloor(runs []measured) float64 {
	var suite, floor float64
	for _, m := range runs {
		switch m.Kind {
		case warm:
			suite = m.Suite
		case bare:
			floor = m.Suite
		}
	}
	if floor == 0 {
		return 0
	}
	return suite / floor
}

// shares returns the programs that used the most CPU time, with their shares.
func shares(u usage) string {
	const most = 12
	all := map[string]float64{"programs too short to be seen": u.Short}
	maps.Copy(all, u.CPU)
	var words []string
	for _, name := range largest(all)[:min(most, len(all))] {
		words = append(words, fmt.Sprintf("%s %.0f %%", name, 100*all[name]/max(u.Busy, 1)))
	}
	return strings.Join(words, ", ")
}

func counts(requests map[string]float64) string {
	var words []string
	for _, verb := range largest(requests) {
		words = append(words, fmt.Sprintf("%s %.0f", verb, requests[verb]))
	}
	return strings.Join(words, ", ")
}

// count returns the number of requests; a dash if they were not counted.
func count(requests map[string]float64) string {
	if len(requests) == 0 {
		return "–"
	}
	sum := 0.0
	for _, n := range requests {
		sum += n
	}
	return fmt.Sprintf("%.0f", sum)
}

// largest returns the keys by their values, the largest first.
func largest(values map[string]float64) []string {
	return slices.SortedFunc(maps.Keys(values), func(a, b string) int { return cmp.Or(cmp.Compare(values[b], values[a]), strings.Compare(a, b)) })
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// engineChain matches the names of the chains that docker and the CNI plugins create.
var engineChain = regexp.MustCompile(`^(DOCKER|CNI-)`)

// rules is what iptables-save prints, by program: iptables, ip6tables.
type rules map[string]string

// firewall lists the rules of the firewall. Of these engines only docker uses the table raw. A program that does not work has none.
func firewall(ctx context.Context) rules {
	found := rules{}
	for _, program := range []string{"iptables", "ip6tables"} {
		if text, err := exec.CommandContext(ctx, onSystemPath(program+"-save")).Output(); err == nil {
			found[program] = string(text)
		}
	}
	return found
}

// restore removes the chains that an engine has added since before, and the rules that lead to them, which docker and nerdctl leave
// when they stop, and the rules of its bridges, which docker leaves if it did not stop by itself.
func (before rules) restore(ctx context.Context, bridges []string) error {
	var errs []error
	for program, now := range firewall(ctx) {
		undo := undoRules(before[program], now, bridges)
		if undo == "" {
			continue
		}
		cmd := exec.CommandContext(ctx, onSystemPath(program+"-restore"), "--noflush", "--wait=10")
		cmd.Stdin = strings.NewReader(undo)
		if text, err := cmd.CombinedOutput(); err != nil {
			errs = append(errs, fmt.Errorf("remove the rules of the engine: %s-restore: %w: %s", program, err, text))
		}
	}
	return errors.Join(errs...)
}

// undoRules returns the input of iptables-restore that removes what the engine has added to the firewall; empty if that is nothing.
// It is pure.
func undoRules(before, now string, bridges []string) string {
	old := map[string]table{}
	for _, t := range tables(before) {
		old[t.name] = t
	}
	var undo strings.Builder
	for _, t := range tables(now) {
		added := slices.DeleteFunc(slices.Clone(t.chains), func(chain string) bool {
			return !engineChain.MatchString(chain) || slices.Contains(old[t.name].chains, chain)
		})
		var lines []string
		for _, rule := range t.rules {
			if !slices.Contains(old[t.name].rules, rule) && (t.name == "raw" || leadsTo(rule, added) || names(rule, bridges)) {
				lines = append(lines, "-D "+strings.TrimPrefix(rule, "-A "))
			}
		}
		for _, command := range []string{"-F ", "-X "} {
			for _, chain := range added {
				lines = append(lines, command+chain)
			}
		}
		if len(lines) > 0 {
			fmt.Fprintf(&undo, "*%s\n%s\nCOMMIT\n", t.name, strings.Join(lines, "\n"))
		}
	}
	return undo.String()
}

// table is a table of iptables-save.
type table struct {
	name          string
	chains, rules []string
}

func tables(text string) []table {
	var all []table
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "*"):
			all = append(all, table{name: line[1:]})
		case len(all) == 0:
		case strings.HasPrefix(line, ":"):
			chain, _, _ := strings.Cut(line[1:], " ")
			all[len(all)-1].chains = append(all[len(all)-1].chains, chain)
		case strings.HasPrefix(line, "-A "):
			all[len(all)-1].rules = append(all[len(all)-1].rules, line)
		}
	}
	return all
}

// leadsTo reports whether a rule leads to one of the chains.
func leadsTo(rule string, chains []string) bool {
	words := strings.Fields(rule)
	for i, word := range words[:len(words)-1] {
		if (word == "-j" || word == "-g") && slices.Contains(chains, words[i+1]) {
			return true
		}
	}
	return false
}

// names reports whether a rule names one of the interfaces.
func names(rule string, interfaces []string) bool {
	return slices.ContainsFunc(strings.Fields(rule), func(word string) bool { return slices.Contains(interfaces, word) })
}

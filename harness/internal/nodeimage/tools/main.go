//go:build linux

// Tools are the shell and the commands of a workload image that is built here, as one program under many names, like busybox. It
// has what manifests and probes of noteproof use, with the options that they use; an option that it does not know is an error.
// The published agnhost image has busybox and curl instead, so scenarios may rely only on what both do.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode"
)

// io3 are the standard streams of a tool.
type io3 struct {
	in       *os.File
	out, err io.Writer
}

// tool runs a command with its arguments, without its name, and returns the exit status.
type tool func(args []string, std io3) int

// tools returns all commands by name. The image has a link for each in names.txt.
func tools() map[string]tool {
	return map[string]tool{
		"sh": shell, "[": builtin("["), "echo": builtin("echo"), "printf": builtin("printf"), "test": builtin("test"),
		"cat": simple(cat), "dd": simple(dd), "ls": simple(ls), "mkdir": simple(mkdir), "mkfifo": simple(mkfifo), "mv": simple(mv),
		"readlink": simple(readlink), "rm": simple(rm), "touch": simple(touch),
		"grep": grep, "head": simple(head), "sed": simple(sed), "seq": simple(seq), "wc": simple(wc), "yes": simple(yes),
		"env": simple(env), "hostname": simple(hostname), "nproc": simple(nproc), "printenv": printenv, "sleep": simple(sleep),
		"uname": simple(uname), "unshare": simple(unshare),
		"true":  func([]string, io3) int { return 0 },
		"false": func([]string, io3) int { return 1 },
		"curl":  curl, "ip": ip,
	}
}

func main() { os.Exit(run(os.Args)) }

func run(args []string) int {
	name := filepath.Base(args[0])
	run, known := tools()[name]
	if !known {
		fmt.Fprintf(os.Stderr, "%s: no such tool\n", name)
		return 127
	}
	return run(args[1:], io3{os.Stdin, os.Stdout, os.Stderr})
}

// simple adapts a command that prints its result. It fails with status 1 and prints each error.
func simple(command func(args []string, std io3) error) tool {
	return func(args []string, std io3) int {
		if err := command(args, std); err != nil {
			fmt.Fprintf(std.err, "%s\n", describe(err))
			return 1
		}
		return 0
	}
}

// describe writes errors as other systems' tools do: "ls: /x: No such file or directory". Probes look for these words.
func describe(err error) string {
	var path *os.PathError
	var link *os.LinkError
	var number syscall.Errno
	text := err.Error()
	if errors.As(err, &number) {
		words := []rune(number.Error())
		words[0] = unicode.ToUpper(words[0])
		switch {
		case errors.As(err, &path):
			text = path.Path + ": " + string(words)
		case errors.As(err, &link):
			text = link.Old + ": " + string(words)
		default:
			text = strings.Replace(text, number.Error(), string(words), 1)
		}
	}
	return filepath.Base(os.Args[0]) + ": " + text
}

// options separates single-letter options without values from operands. known lists the letters.
func options(args []string, known string) (set map[rune]bool, operands []string, err error) {
	set = map[rune]bool{}
	for i, arg := range args {
		switch {
		case arg == "--":
			return set, append(operands, args[i+1:]...), nil
		case len(arg) < 2 || arg[0] != '-':
			operands = append(operands, arg)
			continue
		}
		for _, letter := range arg[1:] {
			if !strings.ContainsRune(known, letter) {
				return nil, nil, fmt.Errorf("unknown option %s", arg)
			}
			set[letter] = true
		}
	}
	return set, operands, nil
}

// each calls do for each operand and joins the errors.
func each(operands []string, do func(string) error) error {
	var errs []error
	for _, operand := range operands {
		errs = append(errs, do(operand))
	}
	return errors.Join(errs...)
}

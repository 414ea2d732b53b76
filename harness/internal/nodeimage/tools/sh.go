//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// killAfter is how long the programs of an interrupted shell may take to end.
const killAfter = time.Second

// shell is sh: `sh [options] -c script [name [argument ...]]`, `sh [options] file [argument ...]`, or a script on standard input.
func shell(args []string, std io3) int {
	flags, args, script, err := shellScript(args, std.in)
	if err != nil {
		fmt.Fprintf(std.err, "sh: %v\n", err)
		return 127
	}
	name := "sh"
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	return interpret(name, script, append(flags, append([]string{"--"}, args...)...), std)
}

// shellScript returns the script, the options of set, and $0 with the positional parameters.
func shellScript(args []string, in io.Reader) (flags, rest []string, script string, err error) {
	command := false
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') {
		option := args[0]
		args = args[1:]
		if option == "--" {
			break
		}
		if option[0] == '-' && strings.Contains(option, "c") {
			command = true
			option = strings.ReplaceAll(option, "c", "")
		}
		if option = strings.ReplaceAll(option, "s", ""); len(option) > 1 {
			flags = append(flags, option)
		}
	}
	switch {
	case command && len(args) == 0:
		return nil, nil, "", errors.New("-c needs a script")
	case command:
		return flags, args[1:], args[0], nil
	case len(args) > 0:
		text, err := os.ReadFile(args[0])
		return flags, args, string(text), err
	default:
		text, err := io.ReadAll(in)
		return flags, nil, string(text), err
	}
}

// interpret runs a script. params are the options of set and the positional parameters.
func interpret(name, script string, params []string, std io3) int {
	// Of the dialects that the interpreter runs, Bash's is the one that includes all of POSIX's: export is a declaration in it.
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(script), name)
	if err != nil {
		fmt.Fprintln(std.err, err)
		return 2
	}
	runner, err := interp.New(interp.StdIO(std.in, std.out, std.err), interp.Params(params...), interp.ExecHandlers(replacing(replaceable(file))))
	if err != nil {
		fmt.Fprintf(std.err, "%s: %v\n", name, err)
		return 2
	}
	exitOnSignals()
	err = runner.Run(context.Background(), file)
	var status interp.ExitStatus
	switch {
	case errors.As(err, &status):
		return int(status)
	case err != nil:
		fmt.Fprintf(std.err, "%s: %v\n", name, err)
		return 1
	}
	return 0
}

// exitOnSignals makes the shell end as one that a signal kills, also as process 1, which the kernel protects from signals without a
// handler.
func exitOnSignals() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	go func() {
		if number, ok := (<-signals).(syscall.Signal); ok {
			os.Exit(128 + int(number))
		}
	}()
}

// builtin is a tool that the shell implements.
func builtin(name string) tool {
	return func(args []string, std io3) int {
		return interpret(name, name+` "$@"`, append([]string{"--"}, args...), std)
	}
}

// replaceable returns the position of an `exec` that may replace the process. The interpreter runs subshells, pipelines and background
// jobs in its own process, so it is only the last statement of a script, and only one whose script has no background jobs. Any other
// exec runs its program as a child, and exits with its status.
func replaceable(file *syntax.File) (at syntax.Pos) {
	jobs := false
	syntax.Walk(file, func(node syntax.Node) bool {
		stmt, ok := node.(*syntax.Stmt)
		jobs = jobs || ok && stmt.Background
		return true
	})
	if jobs || len(file.Stmts) == 0 {
		return at
	}
	last := file.Stmts[len(file.Stmts)-1]
	call, ok := last.Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) == 0 || call.Args[0].Lit() != "exec" {
		return at
	}
	return call.Pos()
}

// replacing runs the program of the `exec` at this position in place of the shell.
func replacing(at syntax.Pos) func(interp.ExecHandlerFunc) interp.ExecHandlerFunc {
	return func(interp.ExecHandlerFunc) interp.ExecHandlerFunc {
		next := interp.DefaultExecHandler(killAfter)
		return func(ctx context.Context, args []string) error {
			hc := interp.HandlerCtx(ctx)
			if !at.IsValid() || hc.Pos != at {
				return next(ctx, args)
			}
			path, err := interp.LookPathDir(hc.Dir, hc.Env, args[0])
			if err == nil {
				err = replaceProcess(path, args, hc)
			}
			if err != nil {
				return next(ctx, args) // which says why it cannot be run
			}
			return nil
		}
	}
}

// replaceProcess returns only if it fails.
func replaceProcess(path string, args []string, hc interp.HandlerContext) error {
	if err := os.Chdir(hc.Dir); err != nil {
		return err
	}
	for to, stream := range []any{hc.Stdin, hc.Stdout, hc.Stderr} {
		file, ok := stream.(*os.File)
		if !ok {
			return errors.New("a stream is not a file")
		}
		if from := int(file.Fd()); from != to {
			if err := unix.Dup3(from, to, 0); err != nil {
				return err
			}
		}
	}
	return syscall.Exec(path, args, exported(hc.Env))
}

// exported returns the variables for programs, as the interpreter itself passes them on.
func exported(vars expand.Environ) []string {
	values := map[string]string{}
	vars.Each(func(name string, v expand.Variable) bool {
		if delete(values, name); v.IsSet() && v.Exported && v.Kind == expand.String {
			values[name] = v.String()
		}
		return true
	})
	list := make([]string, 0, len(values))
	for name, value := range values {
		list = append(list, name+"="+value)
	}
	return list
}

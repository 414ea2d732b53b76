//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// env prints the environment, or runs a program with further variables: env [NAME=value ...] [program [argument ...]].
func env(args []string, std io3) error {
	for len(args) > 0 && strings.Contains(args[0], "=") {
		name, value, _ := strings.Cut(args[0], "=")
		if err := os.Setenv(name, value); err != nil {
			return err
		}
		args = args[1:]
	}
	if len(args) > 0 {
		return execute(args)
	}
	_, err := io.WriteString(std.out, strings.Join(append(os.Environ(), ""), "\n"))
	return err
}

// execute replaces this process by a program.
func execute(args []string) error {
	path, err := exec.LookPath(args[0])
	if err != nil {
		return err
	}
	return &os.PathError{Op: "exec", Path: path, Err: syscall.Exec(path, args, os.Environ())}
}

// hostname prints the host's name, or sets it.
func hostname(args []string, std io3) error {
	_, operands, err := options(args, "")
	if err != nil {
		return err
	}
	if len(operands) > 0 {
		return syscall.Sethostname([]byte(operands[0]))
	}
	name, err := os.Hostname()
	if err == nil {
		_, err = fmt.Fprintln(std.out, name)
	}
	return err
}

// nproc prints how many processors this process may use.
func nproc(_ []string, std io3) error {
	_, err := fmt.Fprintln(std.out, runtime.NumCPU())
	return err
}

// printenv prints the values of variables. It fails if one is not set.
func printenv(names []string, std io3) int {
	status := 0
	for _, name := range names {
		value, ok := os.LookupEnv(name)
		if !ok {
			status = 1
			continue
		}
		fmt.Fprintln(std.out, value)
	}
	return status
}

// sleep waits for a number of seconds, or with "infinity" until it is killed.
func sleep(args []string, _ io3) error {
	if len(args) != 1 {
		return errors.New("needs a time")
	}
	length := time.Duration(1<<63 - 1)
	if args[0] != "infinity" {
		seconds, err := strconv.ParseFloat(strings.TrimSuffix(args[0], "s"), 64)
		if err != nil || seconds < 0 {
			return fmt.Errorf("invalid time %q", args[0])
		}
		length = time.Duration(seconds * float64(time.Second))
	}
	<-time.NewTimer(length).C
	return nil
}

// uname prints what the kernel says of itself: -s (its name; without options), -n (the host's name), -r (its release), -m (the machine).
func uname(args []string, std io3) error {
	set, _, err := options(args, "snrm")
	if err != nil {
		return err
	}
	if len(set) == 0 {
		set['s'] = true
	}
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return err
	}
	var words []string
	for i, field := range []string{unix.ByteSliceToString(name.Sysname[:]), unix.ByteSliceToString(name.Nodename[:]),
		unix.ByteSliceToString(name.Release[:]), unix.ByteSliceToString(name.Machine[:])} {
		if set[rune("snrm"[i])] {
			words = append(words, field)
		}
	}
	_, err = fmt.Fprintln(std.out, strings.Join(words, " "))
	return err
}

// unshare runs a program in namespaces of its own: --net, --uts.
func unshare(args []string, _ io3) error {
	flags := 0
	for ; len(args) > 0 && strings.HasPrefix(args[0], "-"); args = args[1:] {
		switch args[0] {
		case "--net", "-n":
			flags |= syscall.CLONE_NEWNET
		case "--uts", "-u":
			flags |= syscall.CLONE_NEWUTS
		default:
			return fmt.Errorf("unknown option %s", args[0])
		}
	}
	if len(args) == 0 {
		return errors.New("needs a program")
	}
	runtime.LockOSThread() // the thread that has the namespaces is the one that becomes the program
	if err := syscall.Unshare(flags); err != nil {
		return err
	}
	return execute(args)
}

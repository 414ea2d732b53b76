//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cat prints files one after the other; "-" and no operand are standard input.
func cat(args []string, std io3) error {
	_, operands, err := options(args, "")
	if err != nil {
		return err
	}
	return eachInput(operands, std, func(_ string, in io.Reader) error {
		_, err := io.Copy(std.out, in)
		return err
	})
}

// eachInput opens each file, or standard input if there is none.
func eachInput(operands []string, std io3, do func(name string, in io.Reader) error) error {
	if len(operands) == 0 {
		operands = []string{"-"}
	}
	return each(operands, func(name string) error {
		if name == "-" {
			return do(name, std.in)
		}
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		return do(name, file)
	})
}

// dd copies blocks, each held in memory as a whole: if=FILE of=FILE bs=SIZE count=N.
func dd(args []string, std io3) error {
	in, out, size, count := std.in, std.out, int64(512), int64(-1)
	var err error
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "if":
			in, err = os.Open(value)
		case "of":
			out, err = os.Create(value)
		case "bs":
			size, err = parseSize(value)
		case "count":
			count, err = strconv.ParseInt(value, 10, 64)
		default:
			err = fmt.Errorf("unknown operand %s", arg)
		}
		if err != nil {
			return err
		}
	}
	for block := make([]byte, size); count != 0; count-- {
		n, err := in.Read(block)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := out.Write(block[:n]); err != nil {
			return err
		}
	}
	return nil
}

// parseSize parses a number of bytes such as "512", "4k" or "144M".
func parseSize(text string) (int64, error) {
	units := map[string]int64{"c": 1, "k": 1 << 10, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
	number, unit := text, int64(1)
	for suffix, bytes := range units {
		if rest, ok := strings.CutSuffix(text, suffix); ok {
			number, unit = rest, bytes
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("invalid size %q", text)
	}
	return n * unit, nil
}

// ls lists the names in directories, one a line: -A (all but . and ..), -a, -1, -d (the operands themselves).
func ls(args []string, std io3) error {
	set, operands, err := options(args, "Aad1")
	if err != nil {
		return err
	}
	if len(operands) == 0 {
		operands = []string{"."}
	}
	return each(operands, func(name string) error {
		info, err := os.Lstat(name)
		if err != nil {
			return err
		}
		if set['d'] || !info.IsDir() {
			_, err = fmt.Fprintln(std.out, name)
			return err
		}
		return listNames(name, set, std.out)
	})
}

func listNames(dir string, set map[rune]bool, out io.Writer) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if set['a'] {
		fmt.Fprintln(out, ".\n..")
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") || set['a'] || set['A'] {
			fmt.Fprintln(out, entry.Name())
		}
	}
	return nil
}

// mkdir makes directories: -p (with their parents, or if they exist).
func mkdir(args []string, _ io3) error {
	set, operands, err := options(args, "p")
	if err != nil {
		return err
	}
	return each(operands, func(name string) error {
		if set['p'] {
			return os.MkdirAll(name, 0o777)
		}
		return os.Mkdir(name, 0o777)
	})
}

func mkfifo(args []string, _ io3) error {
	_, operands, err := options(args, "")
	if err != nil {
		return err
	}
	return each(operands, func(name string) error {
		if err := syscall.Mkfifo(name, 0o666); err != nil {
			return &os.PathError{Op: "mkfifo", Path: name, Err: err}
		}
		return nil
	})
}

// mv renames a file or a directory, or moves it into a directory, within one file system.
func mv(args []string, _ io3) error {
	_, operands, err := options(args, "f")
	if err != nil {
		return err
	}
	if len(operands) != 2 {
		return errors.New("needs a source and a destination")
	}
	from, to := operands[0], operands[1]
	if info, err := os.Stat(to); err == nil && info.IsDir() {
		to += "/" + from[strings.LastIndex(strings.TrimRight(from, "/"), "/")+1:]
	}
	return os.Rename(from, to)
}

// readlink prints the targets of symbolic links.
func readlink(args []string, std io3) error {
	_, operands, err := options(args, "")
	if err != nil {
		return err
	}
	return each(operands, func(name string) error {
		target, err := os.Readlink(name)
		if err == nil {
			_, err = fmt.Fprintln(std.out, target)
		}
		return err
	})
}

// rm removes files: -r, -R (directories with all below them), -f (what does not exist is no error).
func rm(args []string, _ io3) error {
	set, operands, err := options(args, "rRf")
	if err != nil {
		return err
	}
	return each(operands, func(name string) error {
		info, err := os.Lstat(name)
		switch {
		case errors.Is(err, os.ErrNotExist) && set['f']:
			return nil
		case err != nil:
			return err
		case info.IsDir() && (set['r'] || set['R']):
			return os.RemoveAll(name)
		case info.IsDir():
			return &os.PathError{Op: "rm", Path: name, Err: syscall.EISDIR}
		}
		return os.Remove(name)
	})
}

// touch creates files that do not exist, and sets the times of those that do to the present.
func touch(args []string, _ io3) error {
	_, operands, err := options(args, "")
	if err != nil {
		return err
	}
	return each(operands, func(name string) error {
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o666)
		if err != nil {
			return err
		}
		now := time.Now()
		return errors.Join(file.Close(), os.Chtimes(name, now, now))
	})
}

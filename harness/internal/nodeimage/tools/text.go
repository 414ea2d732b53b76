//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// grep prints the lines that match a basic regular expression: -c (their number), -q (nothing), -v (those that do not match), -w (as
// a word), -i, -E (extended), -F (the text itself). It fails with status 1 if none does, and 2 if a file cannot be read.
func grep(args []string, std io3) int {
	matched, err := grepAll(args, std)
	switch {
	case err != nil:
		fmt.Fprintln(std.err, describe(err))
		return 2
	case !matched:
		return 1
	}
	return 0
}

func grepAll(args []string, std io3) (matched bool, err error) {
	set, operands, err := options(args, "cqvwiEF")
	if err != nil {
		return false, err
	}
	if len(operands) == 0 {
		return false, errors.New("needs a pattern")
	}
	pattern, err := grepPattern(operands[0], set)
	if err != nil {
		return false, err
	}
	err = eachInput(operands[1:], std, func(name string, in io.Reader) error {
		prefix := ""
		if len(operands) > 2 {
			prefix = name + ":"
		}
		count := 0
		err := eachLine(in, func(line []byte) error {
			if pattern.Match(bytes.TrimSuffix(line, []byte("\n"))) == set['v'] {
				return nil
			}
			count++
			if set['c'] || set['q'] {
				return nil
			}
			_, err := fmt.Fprintf(std.out, "%s%s\n", prefix, bytes.TrimSuffix(line, []byte("\n")))
			return err
		})
		if set['c'] {
			fmt.Fprintf(std.out, "%s%d\n", prefix, count)
		}
		matched = matched || count > 0
		return err
	})
	return matched, err
}

func grepPattern(text string, set map[rune]bool) (*regexp.Regexp, error) {
	switch {
	case set['F']:
		text = regexp.QuoteMeta(text)
	case !set['E']:
		text = basic(text)
	}
	if set['w'] {
		text = `\b(?:` + text + `)\b`
	}
	if set['i'] {
		text = "(?i)" + text
	}
	return regexp.Compile(text)
}

// basic translates a basic regular expression (POSIX) into Go's: with a backslash, ( ) { } | + and ? are special in one and not in
// the other.
func basic(text string) string {
	var out strings.Builder
	brackets := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case brackets:
			out.WriteByte(c)
			if brackets = c != ']' || text[i-1] == '[' || strings.HasSuffix(text[:i], "[^"); c == '\\' {
				out.WriteByte(c) // a backslash in brackets stands for itself
			}
			continue
		case c == '\\' && i+1 < len(text):
			i++
			if !strings.ContainsRune("(){}|+?", rune(text[i])) {
				out.WriteByte('\\')
			}
			out.WriteByte(text[i])
			continue
		case strings.ContainsRune("(){}|+?", rune(c)):
			out.WriteByte('\\')
		}
		brackets = c == '['
		out.WriteByte(c)
	}
	return out.String()
}

// eachLine calls do with each line, including its newline. The last line may lack it.
func eachLine(in io.Reader, do func(line []byte) error) error {
	for reader := bufio.NewReader(in); ; {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 {
			if err := do(line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// head prints the first lines of each file: -n N or -N; 10 without.
func head(args []string, std io3) error {
	count := 10
	var operands []string
	for i := 0; i < len(args); i++ {
		value, isCount := strings.CutPrefix(args[i], "-")
		if value == "n" && i+1 < len(args) {
			i++
			value = args[i]
		}
		if !isCount || value == "" {
			operands = append(operands, args[i])
			continue
		}
		var err error
		if count, err = strconv.Atoi(strings.TrimPrefix(value, "n")); err != nil {
			return fmt.Errorf("unknown option %s", args[i])
		}
	}
	return eachInput(operands, std, func(_ string, in io.Reader) error {
		left := count
		if left == 0 {
			return nil
		}
		err := eachLine(in, func(line []byte) error {
			_, err := std.out.Write(line)
			if left--; err == nil && left <= 0 {
				err = errEnough
			}
			return err
		})
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	})
}

var errEnough = errors.New("enough")

var substitution = regexp.MustCompile(`(?s)^s(.)(.*)$`)

// sed edits each line with one command, s/regular expression/replacement/, with the flags g and p: -n (print only what p prints).
func sed(args []string, std io3) error {
	set, operands, err := options(args, "n")
	if err != nil {
		return err
	}
	if len(operands) == 0 {
		return errors.New("needs a command")
	}
	parts := substitution.FindStringSubmatch(operands[0])
	if parts == nil {
		return fmt.Errorf("unknown command %s", operands[0])
	}
	words := strings.Split(parts[2], parts[1])
	if len(words) != 3 || strings.Trim(words[2], "gp") != "" {
		return fmt.Errorf("unknown command %s", operands[0])
	}
	pattern, err := regexp.Compile(basic(words[0]))
	if err != nil {
		return err
	}
	s := substitute{pattern, words[1], strings.Contains(words[2], "g")}
	return eachInput(operands[1:], std, func(_ string, in io.Reader) error {
		return eachLine(in, func(line []byte) error {
			text, changed := s.apply(strings.TrimSuffix(string(line), "\n"))
			times := 0
			if !set['n'] {
				times++
			}
			if changed && strings.Contains(words[2], "p") {
				times++
			}
			_, err := io.WriteString(std.out, strings.Repeat(text+"\n", times))
			return err
		})
	})
}

type substitute struct {
	pattern *regexp.Regexp
	by      string // with \1 and & for parts of the match
	all     bool
}

func (s substitute) apply(line string) (string, bool) {
	times := 1
	if s.all {
		times = -1
	}
	matches := s.pattern.FindAllStringSubmatchIndex(line, times)
	for _, m := range slices.Backward(matches) {
		line = line[:m[0]] + s.expand(line, m) + line[m[1]:]
	}
	return line, len(matches) > 0
}

func (s substitute) expand(line string, match []int) string {
	group := func(n int) string {
		if 2*n+1 >= len(match) || match[2*n] < 0 {
			return ""
		}
		return line[match[2*n]:match[2*n+1]]
	}
	var out strings.Builder
	for i := 0; i < len(s.by); i++ {
		switch c := s.by[i]; {
		case c == '&':
			out.WriteString(group(0))
		case c == '\\' && i+1 < len(s.by):
			if i++; s.by[i] >= '0' && s.by[i] <= '9' {
				out.WriteString(group(int(s.by[i] - '0')))
			} else {
				out.WriteByte(s.by[i])
			}
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// seq prints the numbers from the first operand, or 1, to the last.
func seq(args []string, std io3) error {
	from, to := 1, 0
	var err error
	switch len(args) {
	case 1:
		to, err = strconv.Atoi(args[0])
	case 2:
		if from, err = strconv.Atoi(args[0]); err == nil {
			to, err = strconv.Atoi(args[1])
		}
	default:
		err = errors.New("needs one or two numbers")
	}
	for ; err == nil && from <= to; from++ {
		_, err = fmt.Fprintln(std.out, from)
	}
	return err
}

// wc counts one thing in each file: -l (lines), -w (words), -c (bytes).
func wc(args []string, std io3) error {
	set, operands, err := options(args, "lwc")
	if err != nil {
		return err
	}
	if len(set) != 1 {
		return errors.New("needs one of -l, -w and -c")
	}
	return eachInput(operands, std, func(name string, in io.Reader) error {
		count := 0
		err := eachLine(in, func(line []byte) error {
			switch {
			case set['w']:
				count += len(bytes.Fields(line))
			case set['c']:
				count += len(line)
			case bytes.HasSuffix(line, []byte("\n")):
				count++
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(std.out, strings.TrimSuffix(fmt.Sprintf("%d %s", count, name), " -"))
		return err
	})
}

// yes prints its arguments, or y, again and again.
func yes(args []string, std io3) error {
	line := "y\n"
	if len(args) > 0 {
		line = strings.Join(args, " ") + "\n"
	}
	out := bufio.NewWriter(std.out)
	for {
		if _, err := out.WriteString(line); err != nil {
			return err
		}
	}
}

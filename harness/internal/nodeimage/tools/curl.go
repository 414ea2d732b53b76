//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// Exit statuses of curl (curl(1), EXIT CODES).
const (
	curlUnsupported = 1
	curlUsage       = 2
	curlMalformed   = 3
	curlUnresolved  = 6
	curlUnconnected = 7
	curlWeirdReply  = 8
	curlPartial     = 18
	curlHTTPError   = 22
	curlWrite       = 23
	curlTimedOut    = 28
	curlNoReply     = 52
	curlSend        = 55
	curlReceive     = 56
)

// transfers is a curl command line: GET requests over HTTP/1.1, each on a connection of its own.
type transfers struct {
	urls                    []string
	headers                 []string
	limit                   time.Duration // of each request; 0 means none
	output, writeOut        string
	verbose, showErrors     bool
	failOnStatus, failEarly bool
	err                     io.Writer
}

// curl requests URLs as curl does: with its exit statuses, and with its words for what failed. Proxies are not used.
func curl(args []string, std io3) int {
	t := transfers{showErrors: true, err: std.err}
	if err := t.parse(args, std.in); err != nil {
		fmt.Fprintf(std.err, "curl: %v\n", err)
		return curlUsage
	}
	body := std.out
	if t.output != "" {
		file, err := os.Create(t.output)
		if err != nil {
			fmt.Fprintf(std.err, "curl: %v\n", err)
			return curlWrite
		}
		defer file.Close()
		body = file
	}
	status := 0
	for _, target := range t.urls {
		r := t.get(target, body)
		if status = r.exit; status != 0 && t.showErrors {
			fmt.Fprintf(std.err, "curl: (%d) %s\n", r.exit, r.problem)
		}
		io.WriteString(std.out, expandReport(t.writeOut, r))
		if status != 0 && t.failEarly {
			break
		}
	}
	return status
}

func (t *transfers) parse(args []string, in io.Reader) error {
	silent, show := false, false
	for i := 0; i < len(args); i++ {
		var err error
		value := func() string { // of this option
			if i++; i < len(args) {
				return args[i]
			}
			err = fmt.Errorf("option %s: requires parameter", args[i-1])
			return ""
		}
		switch option := args[i]; option {
		case "--silent", "-s":
			silent = true
		case "--show-error", "-S":
			show = true
		case "-sS":
			silent, show = true, true
		case "--verbose", "-v":
			t.verbose = true
		case "--fail", "-f":
			t.failOnStatus = true
		case "--fail-early":
			t.failEarly = true
		case "--noproxy":
			value()
		case "--max-time", "-m":
			var seconds float64
			if seconds, err = strconv.ParseFloat(value(), 64); err == nil {
				t.limit = time.Duration(seconds * float64(time.Second))
			}
		case "--write-out", "-w":
			t.writeOut = value()
		case "--output", "-o":
			t.output = value()
		case "--header", "-H":
			t.headers = append(t.headers, value())
		case "--config", "-K":
			err = t.readConfig(value(), in)
		default:
			if strings.HasPrefix(option, "-") {
				return fmt.Errorf("option %s: is unknown", option)
			}
			t.urls = append(t.urls, option)
		}
		if err != nil {
			return err
		}
	}
	if len(t.urls) == 0 {
		return errors.New("no URL specified")
	}
	t.showErrors = show || !silent
	return nil
}

// readConfig reads a file of lines such as `url = "http://web"`. Other settings are errors. "-" is standard input.
func (t *transfers) readConfig(name string, in io.Reader) error {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		setting, value, _ := strings.Cut(lines.Text(), "=")
		switch strings.TrimSpace(setting) {
		case "":
		case "url":
			t.urls = append(t.urls, strings.Trim(strings.TrimSpace(value), `"`))
		default:
			return fmt.Errorf("the setting %q of %s is unknown", setting, name)
		}
	}
	return lines.Err()
}

// result is what --write-out reports of a request.
type result struct {
	exit                int
	problem             string
	target              *url.URL
	status              int
	resolved, connected time.Duration // since the beginning; 0 if the request ended before that
}

// expandReport replaces the variables and the escapes of --write-out.
func expandReport(format string, r result) string {
	effective := ""
	if r.target != nil {
		effective = r.target.String()
	}
	return strings.NewReplacer(
		`\n`, "\n", `\t`, "\t",
		"%{http_code}", fmt.Sprintf("%03d", r.status), "%{response_code}", fmt.Sprintf("%03d", r.status),
		"%{time_namelookup}", fmt.Sprintf("%.6f", r.resolved.Seconds()), "%{time_connect}", fmt.Sprintf("%.6f", r.connected.Seconds()),
		"%{url_effective}", effective, "%{exitcode}", strconv.Itoa(r.exit),
	).Replace(format)
}

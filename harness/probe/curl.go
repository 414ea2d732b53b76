package probe

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// requestLimit is the time limit of one request, unless a Shell or a Cluster has another limit. Within one machine an answer
// takes milliseconds, and a dropped request gets none.
const requestLimit = 2 * time.Second

func orDefault(limit time.Duration) time.Duration {
	if limit == 0 {
		return requestLimit
	}
	return limit
}

// HTTP requests a URL from the Shell; the answer is an Answer. The look fails if curl cannot make the request or cannot
// resolve the name in the URL.
func (s Shell) HTTP(url string) Look {
	return request{look{fmt.Sprintf("GET %s %s", url, s.place), func(ctx context.Context) (any, error) {
		out, err := s.Run(ctx, CurlCommand(url, s.limit)...)
		if err != nil {
			return nil, err
		}
		return CurlAnswer(out)
	}}, url}
}

// reportMark begins the last line of curl's output, which reports the progress of the request.
const reportMark = "curl reports: "

// report is curl's format of that line. time_namelookup and time_connect are 0 if the request ended before that step.
const report = "\n" + reportMark + "status=%{http_code} resolved=%{time_namelookup} connected=%{time_connect} url=%{url_effective}"

// CurlCommand returns the command line whose Output CurlAnswer reads. A limit of 0 means 2 s. The command uses no proxy, even
// if the environment names one.
func CurlCommand(url string, limit time.Duration) []string {
	return []string{"curl", "--silent", "--verbose", "--noproxy", "*", "--max-time", seconds(limit), "--write-out", report, url}
}

// seconds returns a time limit in the form of curl's --max-time.
func seconds(limit time.Duration) string {
	return strconv.FormatFloat(orDefault(limit).Seconds(), 'f', 3, 64)
}

// Exit codes of curl (curl(1), EXIT CODES).
const (
	curlUnresolved  = 6
	curlUnconnected = 7
	curlTimedOut    = 28
)

// curlCutOff returns the exit codes of a request whose connection was established and that got no complete HTTP answer: it is
// not HTTP (1, 8), it ended early (18, 52), it took too long (28), sending or receiving failed (55, 56).
func curlCutOff() []int { return []int{1, 8, 18, curlTimedOut, 52, 55, 56} }

// CurlAnswer parses the output of CurlCommand. It returns an error if the name could not be resolved, immediately or by
// timeout, and if curl could not make the request for another reason.
func CurlAnswer(out Output) (Answer, error) {
	body, progress, ok := readReport(out.Stdout)
	if !ok {
		return Answer{}, couldNotAsk(out)
	}
	switch {
	case out.ExitCode == 0 && progress.status > 0:
		return Answer{Status: progress.status, Connected: true, Body: strings.TrimSpace(body)}, nil
	case progress.connected && slices.Contains(curlCutOff(), out.ExitCode):
		return Answer{Connected: true, Why: failureCause(out)}, nil
	case out.ExitCode == curlUnresolved, out.ExitCode == curlTimedOut && progress.resolving(out.Stderr):
		return Answer{}, fmt.Errorf("the name %q could not be resolved: %s", progress.host, lastRequestLine(out.Stderr))
	case out.ExitCode == curlTimedOut, out.ExitCode == curlUnconnected && !outOfResources(out.Stderr):
		return Answer{Why: failureCause(out)}, nil
	default:
		return Answer{}, couldNotAsk(out)
	}
}

func couldNotAsk(out Output) error { return fmt.Errorf("curl could not ask: %s", out) }

// progress is what curl reports of a request.
type progress struct {
	status    int
	resolved  bool // curl has resolved the name; unreliable for an IP address, which takes no time to resolve
	connected bool
	host      string
}

// resolving returns whether a request that timed out did so while its name was resolved.
func (s progress) resolving(stderr string) bool {
	_, err := netip.ParseAddr(s.host)
	isName := err != nil
	return isName && !s.resolved || strings.Contains(stderr, "Resolving timed out")
}

// readReport separates the body from the line that curl adds, and parses that line.
func readReport(stdout string) (body string, s progress, ok bool) {
	body, line, _ := cutLast(stdout, "\n")
	line, ok = strings.CutPrefix(line, reportMark)
	if !ok {
		return "", progress{}, false
	}
	values := map[string]string{}
	for _, field := range strings.Fields(line) {
		name, value, _ := strings.Cut(field, "=")
		values[name] = value
	}
	target, err := url.Parse(values["url"])
	if err != nil {
		return "", progress{}, false
	}
	status, err1 := strconv.Atoi(values["status"])
	resolved, err2 := strconv.ParseFloat(values["resolved"], 64)
	connected, err3 := strconv.ParseFloat(values["connected"], 64)
	ok = err1 == nil && err2 == nil && err3 == nil
	return body, progress{status, resolved > 0, connected > 0, target.Hostname()}, ok
}

// failureCause returns why there is no answer. The kernel's error is in curl's verbose output.
func failureCause(out Output) string {
	switch {
	case out.ExitCode == curlTimedOut:
		return "timed out"
	case out.ExitCode != curlUnconnected:
		return lastRequestLine(out.Stderr)
	case strings.Contains(out.Stderr, "onnection refused"):
		return "connection refused"
	case strings.Contains(out.Stderr, "unreachable"), strings.Contains(out.Stderr, "No route"):
		return "no route"
	default:
		return lastRequestLine(out.Stderr)
	}
}

// outOfResources returns whether no connection could be tried because the client's machine lacked a free port, a file
// descriptor or memory.
func outOfResources(stderr string) bool {
	return slices.ContainsFunc([]string{"Cannot assign requested address", "Too many open files", "No buffer space", "Cannot allocate memory"},
		func(words string) bool { return strings.Contains(stderr, words) })
}

func cutLast(text, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(text, sep); i >= 0 {
		return text[:i], text[i+len(sep):], true
	}
	return "", text, false
}

// lastRequestLine returns the last line of curl's verbose output that is about the request.
func lastRequestLine(stderr string) string {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	for _, line := range slices.Backward(lines) {
		words := strings.TrimSpace(strings.TrimLeft(line, "*<> "))
		lower := strings.ToLower(words)
		if words != "" && !strings.HasPrefix(lower, "closing connection") && !strings.HasPrefix(lower, "shutting down connection") {
			return words
		}
	}
	return ""
}

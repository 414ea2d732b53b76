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

// requestLimit bounds one request unless a Shell or a Cluster has another limit. An answer on one machine takes
// milliseconds; a packet that is dropped never arrives.
const requestLimit = 2 * time.Second

func orDefault(limit time.Duration) time.Duration {
	if limit == 0 {
		return requestLimit
	}
	return limit
}

// HTTP asks a URL from there; the answer is an Answer. It is an error when curl could not ask, or the name in the URL
// could not be resolved.
func (s Shell) HTTP(url string) Look {
	return request{look{fmt.Sprintf("GET %s %s", url, s.place), func(ctx context.Context) (any, error) {
		out, err := s.Run(ctx, CurlCommand(url, s.limit)...)
		if err != nil {
			return nil, err
		}
		return CurlAnswer(out)
	}}, url}
}

// reportMark begins the last line of curl's output, which says how far the request came.
const reportMark = "curl reports: "

// report is curl's format of that line. time_namelookup and time_connect are 0 when the request did not come so far.
const report = "\n" + reportMark + "status=%{http_code} resolved=%{time_namelookup} connected=%{time_connect} url=%{url_effective}"

// CurlCommand is the command line whose Output CurlAnswer reads. A limit of 0 means 2 s. It asks the target itself, never
// a proxy that the environment names.
func CurlCommand(url string, limit time.Duration) []string {
	return []string{"curl", "--silent", "--verbose", "--noproxy", "*", "--max-time", seconds(limit), "--write-out", report, url}
}

// seconds is a time limit as curl's --max-time takes it.
func seconds(limit time.Duration) string {
	return strconv.FormatFloat(orDefault(limit).Seconds(), 'f', 3, 64)
}

// The exit codes of curl that matter here (curl(1), EXIT CODES).
const (
	curlUnresolved  = 6
	curlUnconnected = 7
	curlTimedOut    = 28
)

// curlCutOff are the exit codes of a request whose connection was established and that got no whole HTTP answer: it is no
// HTTP (1, 8), it ended early (18, 52), it took too long (28), sending or receiving failed (55, 56).
func curlCutOff() []int { return []int{1, 8, 18, curlTimedOut, 52, 55, 56} }

// CurlAnswer reads the output of CurlCommand. That a name could not be resolved, fast or by timeout, is an error, and so
// is everything that keeps curl from asking.
func CurlAnswer(out Output) (Answer, error) {
	body, sent, ok := readReport(out.Stdout)
	if !ok {
		return Answer{}, couldNotAsk(out)
	}
	switch {
	case out.ExitCode == 0 && sent.status > 0:
		return Answer{Status: sent.status, Connected: true, Body: strings.TrimSpace(body)}, nil
	case sent.connected && slices.Contains(curlCutOff(), out.ExitCode):
		return Answer{Connected: true, Why: whyNot(out)}, nil
	case out.ExitCode == curlUnresolved, out.ExitCode == curlTimedOut && sent.resolving(out.Stderr):
		return Answer{}, fmt.Errorf("the name %q could not be resolved: %s", sent.host, lastRequestLine(out.Stderr))
	case out.ExitCode == curlTimedOut, out.ExitCode == curlUnconnected && !outOfResources(out.Stderr):
		return Answer{Why: whyNot(out)}, nil
	default:
		return Answer{}, couldNotAsk(out)
	}
}

func couldNotAsk(out Output) error { return fmt.Errorf("curl could not ask: %s", out) }

// sent is how far a request came.
type sent struct {
	status    int
	resolved  bool // curl knew the address; unreliable for an address, which takes no time to resolve
	connected bool
	host      string
}

// resolving reports whether a request that timed out did so while its name was resolved.
func (s sent) resolving(stderr string) bool {
	_, err := netip.ParseAddr(s.host)
	isName := err != nil
	return isName && !s.resolved || strings.Contains(stderr, "Resolving timed out")
}

// readReport separates the body from the line that curl adds, and reads that line.
func readReport(stdout string) (body string, s sent, ok bool) {
	body, line, _ := cutLast(stdout, "\n")
	line, ok = strings.CutPrefix(line, reportMark)
	if !ok {
		return "", sent{}, false
	}
	values := map[string]string{}
	for _, field := range strings.Fields(line) {
		name, value, _ := strings.Cut(field, "=")
		values[name] = value
	}
	target, err := url.Parse(values["url"])
	if err != nil {
		return "", sent{}, false
	}
	status, err1 := strconv.Atoi(values["status"])
	resolved, err2 := strconv.ParseFloat(values["resolved"], 64)
	connected, err3 := strconv.ParseFloat(values["connected"], 64)
	ok = err1 == nil && err2 == nil && err3 == nil
	return body, sent{status, resolved > 0, connected > 0, target.Hostname()}, ok
}

// whyNot is why there is no answer. What the kernel said stands in curl's verbose output.
func whyNot(out Output) string {
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

// outOfResources reports whether no connection could be tried for want of something on the client's own machine: a free
// port, a file descriptor, memory.
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

// lastRequestLine is the last line of curl's verbose output that says something of the request.
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

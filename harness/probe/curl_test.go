package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// reported returns curl's output: a body, and the line that reports the progress of the request.
func reported(body string, status, resolved, connected, url string) string {
	return body + fmt.Sprintf("\ncurl reports: status=%s resolved=%s connected=%s url=%s", status, resolved, connected, url)
}

func TestCurlAnswer(t *testing.T) {
	const pod, name = "http://10.244.1.2:8080/", "http://web:8080/hostname"
	unconnected := func(url string) string { return reported("", "000", "0.000015", "0.000000", url) }
	unresolved := func(url string) string { return reported("", "000", "0.000000", "0.000000", url) }
	connected := func(body, status string) string { return reported(body, status, "0.000015", "0.000572", pod) }
	const closing = "\n* Closing connection 0\n"
	for test, c := range map[string]struct {
		out  Output
		want Answer
		err  string
	}{
		"answered":               {Output{Stdout: connected("web-1\n", "200")}, Answer{Status: 200, Connected: true, Body: "web-1"}, ""},
		"an empty answer":        {Output{Stdout: connected("", "200")}, Answer{Status: 200, Connected: true}, ""},
		"several lines":          {Output{Stdout: connected("a\nb", "200")}, Answer{Status: 200, Connected: true, Body: "a\nb"}, ""},
		"an error page":          {Output{Stdout: connected("no", "503")}, Answer{Status: 503, Connected: true, Body: "no"}, ""},
		"refused":                {Output{ExitCode: 7, Stdout: unconnected(pod), Stderr: "* connect to 10.244.1.2 port 8080 failed: Connection refused" + closing}, Answer{Why: "connection refused"}, ""},
		"timed out":              {Output{ExitCode: 28, Stdout: unconnected(pod), Stderr: "* Connection timed out after 2001 milliseconds" + closing}, Answer{Why: "timed out"}, ""},
		"a name timed out":       {Output{ExitCode: 28, Stdout: unconnected(name), Stderr: "* Connection timed out after 2001 milliseconds" + closing}, Answer{Why: "timed out"}, ""},
		"an address in no time":  {Output{ExitCode: 28, Stdout: unresolved(pod), Stderr: "* Connection timed out after 2001 milliseconds" + closing}, Answer{Why: "timed out"}, ""},
		"an IPv6 address":        {Output{ExitCode: 28, Stdout: unresolved("http://[fd00::1]:80/"), Stderr: "* Connection timed out after 2001 milliseconds" + closing}, Answer{Why: "timed out"}, ""},
		"one family refused":     {Output{ExitCode: 28, Stdout: unconnected(name), Stderr: "* connect to ::1 port 80 failed: Connection refused\n* Connection timed out after 2001 milliseconds" + closing}, Answer{Why: "timed out"}, ""},
		"no route to network":    {Output{ExitCode: 7, Stdout: unconnected(pod), Stderr: "* Immediate connect fail for 10.244.1.2: Network is unreachable" + closing}, Answer{Why: "no route"}, ""},
		"no route to host":       {Output{ExitCode: 7, Stdout: unconnected(pod), Stderr: "* connect to 10.244.1.2 port 8080 failed: No route to host" + closing}, Answer{Why: "no route"}, ""},
		"prohibited":             {Output{ExitCode: 7, Stdout: unconnected(pod), Stderr: "* Immediate connect fail for 10.7.9.9: Permission denied\n* Couldn't connect to server" + closing}, Answer{Why: "Couldn't connect to server"}, ""},
		"slow":                   {Output{ExitCode: 28, Stdout: connected("", "000"), Stderr: "* Operation timed out after 2000 milliseconds with 0 bytes received" + closing}, Answer{Connected: true, Why: "timed out"}, ""},
		"closed":                 {Output{ExitCode: 52, Stdout: connected("", "000"), Stderr: "* Connected\n* Empty reply from server" + closing}, Answer{Connected: true, Why: "Empty reply from server"}, ""},
		"reset":                  {Output{ExitCode: 56, Stdout: connected("", "000"), Stderr: "* Recv failure: Connection reset by peer\n* shutting down connection #0\n"}, Answer{Connected: true, Why: "Recv failure: Connection reset by peer"}, ""},
		"half an answer":         {Output{ExitCode: 18, Stdout: connected("hi", "200"), Stderr: "* transfer closed with 18 bytes remaining to read" + closing}, Answer{Connected: true, Why: "transfer closed with 18 bytes remaining to read"}, ""},
		"half an answer, slow":   {Output{ExitCode: 28, Stdout: connected("hi", "200"), Stderr: "* Operation timed out" + closing}, Answer{Connected: true, Why: "timed out"}, ""},
		"no HTTP":                {Output{ExitCode: 1, Stdout: connected("", "000"), Stderr: "* Received HTTP/0.9 when not allowed" + closing}, Answer{Connected: true, Why: "Received HTTP/0.9 when not allowed"}, ""},
		"unknown name":           {Output{ExitCode: 6, Stdout: unresolved(name), Stderr: "* Could not resolve host: web" + closing}, Answer{}, `the name "web" could not be resolved`},
		"silent DNS":             {Output{ExitCode: 28, Stdout: unresolved(name), Stderr: "* Resolving timed out after 2000 milliseconds" + closing}, Answer{}, `the name "web" could not be resolved`},
		"silent DNS, few words":  {Output{ExitCode: 28, Stdout: unresolved(name)}, Answer{}, `the name "web" could not be resolved`},
		"silent DNS, a time":     {Output{ExitCode: 28, Stdout: unconnected(name), Stderr: "* Resolving timed out after 2000 milliseconds" + closing}, Answer{}, `the name "web" could not be resolved`},
		"malformed URL":          {Output{ExitCode: 3, Stdout: unresolved("http://")}, Answer{}, "curl could not ask"},
		"unknown scheme":         {Output{ExitCode: 1, Stdout: unresolved("gopherx://a/")}, Answer{}, "curl could not ask"},
		"no free port":           {Output{ExitCode: 7, Stdout: unconnected(pod), Stderr: "* Immediate connect fail for 10.244.1.2: Cannot assign requested address" + closing}, Answer{}, "curl could not ask"},
		"killed for want of RAM": {Output{ExitCode: 137}, Answer{}, "curl could not ask"},
		"no output":              {Output{}, Answer{}, "curl could not ask"},
		"no report":              {Output{Stdout: "web-1\n200"}, Answer{}, "curl could not ask"},
		"half a report":          {Output{Stdout: "web-1\ncurl reports: status=200"}, Answer{}, "curl could not ask"},
		"0 without a status":     {Output{Stdout: connected("", "000")}, Answer{}, "curl could not ask"},
		"unconnected, yet reset": {Output{ExitCode: 56, Stdout: unconnected(pod)}, Answer{}, "curl could not ask"},
	} {
		t.Run(test, func(t *testing.T) {
			g := NewWithT(t)
			got, err := CurlAnswer(c.out)
			if c.err != "" {
				g.Expect(err).To(MatchError(ContainSubstring(c.err)))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(c.want))
			g.Expect(got.Reached()).To(Equal(c.want.Connected))
		})
	}
}

func TestAnAnswerIsDescribed(t *testing.T) {
	for want, answer := range map[string]Answer{
		`HTTP 200 "web-1"`:                {Status: 200, Connected: true, Body: "web-1"},
		"no answer: timed out":            {Why: "timed out"},
		"connected, but no answer: reset": {Connected: true, Why: "reset"},
	} {
		NewWithT(t).Expect(answer.String()).To(Equal(want))
	}
}

// here returns a Shell on this machine in place of a Pod, with these variables in its environment.
func here(environment ...string) Shell {
	return NewShell("here", func(ctx context.Context, command ...string) (Output, error) {
		var stdout, stderr bytes.Buffer
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Env = append(os.Environ(), environment...)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = nil
		}
		return Output{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}, err
	})
}

// site serves the responses that the tests need.
func site(t *testing.T) string {
	t.Helper()
	hijacked := func(w http.ResponseWriter) net.Conn {
		connection, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		return connection
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/name", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "web-1\n") })
	mux.HandleFunc("/empty", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "later", http.StatusServiceUnavailable) })
	mux.HandleFunc("/closes", func(w http.ResponseWriter, _ *http.Request) { _ = hijacked(w).Close() })
	mux.HandleFunc("/resets", func(w http.ResponseWriter, _ *http.Request) {
		connection := hijacked(w)
		_ = connection.(*net.TCPConn).SetLinger(0)
		_ = connection.Close()
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// unresolvable returns a URL with an invalid host: a DNS label has at most 63 characters (RFC 1035).
func unresolvable() string { return "http://" + strings.Repeat("a", 64) + "/" }

// refusing returns a URL whose port is closed.
func refusing(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	defer listener.Close() //nolint:errcheck // closing it frees the port
	return "http://" + listener.Addr().String()
}

// silent returns a URL whose packets the kernel drops, because a listener's queue of connections is full.
func silent(t *testing.T) string {
	t.Helper()
	g := NewWithT(t)
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { _ = syscall.Close(socket) })
	g.Expect(syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})).To(Succeed())
	g.Expect(syscall.Listen(socket, 0)).To(Succeed())
	bound, err := syscall.Getsockname(socket)
	g.Expect(err).NotTo(HaveOccurred())
	address := fmt.Sprintf("127.0.0.1:%d", bound.(*syscall.SockaddrInet4).Port)
	for { // until the queue is full
		connection, err := net.DialTimeout("tcp", address, 200*time.Millisecond)
		if err != nil {
			return "http://" + address
		}
		t.Cleanup(func() { _ = connection.Close() })
	}
}

func TestHTTPWithTheRealCurl(t *testing.T) {
	url := site(t)
	for name, test := range map[string]struct {
		url  string
		want Answer
	}{
		"answers": {url + "/name", Answer{Status: 200, Connected: true, Body: "web-1"}},
		"empty":   {url + "/empty", Answer{Status: 200, Connected: true}},
		"busy":    {url + "/busy", Answer{Status: 503, Connected: true, Body: "later"}},
		"closes":  {url + "/closes", Answer{Connected: true, Why: "Empty reply from server"}},
		"resets":  {url + "/resets", Answer{Connected: true, Why: "Recv failure: Connection reset by peer"}},
		"slow":    {url + "/slow", Answer{Connected: true, Why: "timed out"}},
		"refuses": {refusing(t), Answer{Why: "connection refused"}},
		"silent":  {silent(t), Answer{Why: "timed out"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			// A proxy that the environment names would refuse each request.
			shell := here("http_proxy=http://127.0.0.1:1", "all_proxy=http://127.0.0.1:1").WithLimit(500 * time.Millisecond)
			answer, err := shell.HTTP(test.url).Ask(t.Context())
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(answer).To(Equal(test.want))
		})
	}
	for name, wrong := range map[string]string{"unresolved": unresolvable(), "malformed": "http://a b/"} {
		t.Run(name, func(t *testing.T) {
			_, err := here().HTTP(wrong).Ask(t.Context())
			NewWithT(t).Expect(err).To(HaveOccurred())
		})
	}
}

func TestTheLimitOfARequest(t *testing.T) {
	g := NewWithT(t)
	g.Expect(CurlCommand("http://x/", 0)).To(ContainElements("--max-time", "2.000"))
	g.Expect(CurlCommand("http://x/", 1500*time.Millisecond)).To(ContainElements("--max-time", "1.500"))
	inPods := Cluster{Limit: 6 * time.Second}.Pods("").In("")
	g.Expect(seconds(inPods.limit)).To(Equal("6.000"))
}

func TestAnswersWithTheRealCurl(t *testing.T) {
	url := site(t)
	for name, test := range map[string]struct {
		url  string
		want Answers
	}{
		"answers":    {url + "/name", Answers{"web-1": 5}},
		"empty":      {url + "/empty", Answers{"HTTP 200 without a body": 5}},
		"busy":       {url + "/busy", Answers{"HTTP 503": 5}},
		"closes":     {url + "/closes", Answers{CutOff: 3}},
		"slow":       {url + "/slow", Answers{CutOff: 3}},
		"refuses":    {refusing(t), Answers{NobodyAnswered: 3}},
		"no packets": {silent(t), Answers{NobodyAnswered: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			shell := here("http_proxy=http://127.0.0.1:1").WithLimit(300 * time.Millisecond)
			answers, err := shell.Answers(test.url, 5).Ask(t.Context())
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(answers).To(Equal(test.want))
		})
	}
	t.Run("a connection each", func(t *testing.T) {
		g := NewWithT(t)
		clients := http.NewServeMux()
		clients.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.RemoteAddr) })
		server := httptest.NewServer(clients)
		t.Cleanup(server.Close)
		answers, err := here().Answers(server.URL, 5).Ask(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(answers).To(HaveLen(5))
	})
	t.Run("unresolved", func(t *testing.T) {
		_, err := here().Answers(unresolvable(), 5).Ask(t.Context())
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring("could not be resolved")))
	})
	t.Run("malformed", func(t *testing.T) {
		_, err := here().Answers("http://a b/", 5).Ask(t.Context())
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring("curl could not ask")))
	})
}

// program creates a program of this name and returns a PATH in which it hides the real one.
func program(t *testing.T, name, script string) string {
	t.Helper()
	dir := t.TempDir()
	NewWithT(t).Expect(os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o755)).To(Succeed())
	return "PATH=" + dir + ":" + os.Getenv("PATH")
}

func TestAnswersStopWhenCurlCannotAsk(t *testing.T) {
	for name, test := range map[string]struct{ script, err string }{
		"silent DNS": {`printf '\ncurl reports: status=000 resolved=0.000000 connected=0.000000 url=http://web:80/ exit=28\n'; exit 28`, `the name "web" could not be resolved`},
		"killed":     {"exit 137", "curl could not ask"},
		"no curl":    {"exit 127", "cannot run it"},
		"no report":  {"echo web-1", "curl could not ask"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			calls := filepath.Join(t.TempDir(), "calls")
			shell := here(program(t, "curl", "echo asked >> "+calls+"\n"+test.script))
			_, err := shell.Answers("http://web:80/", 5).Ask(t.Context())
			g.Expect(err).To(MatchError(ContainSubstring(test.err)))
			if name != "silent DNS" { // that is also a request without an answer
				g.Expect(os.ReadFile(calls)).To(BeEquivalentTo("asked\n"))
			}
		})
	}
}

func TestReadAnswers(t *testing.T) {
	one := func(body string, exit int) string {
		connected := "0.000000"
		if exit == 0 {
			connected = "0.000500"
		}
		return reported(body, map[bool]string{true: "200", false: "000"}[exit == 0], "0.000010", connected, "http://10.0.0.1/") + fmt.Sprintf(" exit=%d\n", exit)
	}
	for name, test := range map[string]struct {
		out   Output
		times int
		want  Answers
	}{
		"several":              {Output{Stdout: one("a", 0) + one("b\nc", 0) + one("a", 0)}, 3, Answers{"a": 2, "b\nc": 1}},
		"some without":         {Output{Stdout: one("a", 0) + one("", 7) + one("a", 0)}, 3, Answers{"a": 2, "": 1}},
		"ended early":          {Output{Stdout: one("", 7) + one("", 28) + one("", 7)}, 20, Answers{"": 3}},
		"cut off after two":    {Output{Stdout: one("a", 0) + one("a", 0)}, 3, nil},
		"cut off in a line":    {Output{Stdout: one("a", 0) + "web-"}, 1, nil},
		"a shell that failed":  {Output{Stdout: one("a", 0), ExitCode: 2}, 1, nil},
		"nothing":              {Output{}, 1, nil},
		"exit code that is no": {Output{Stdout: reported("a", "200", "1", "1", "http://x/") + " exit=x\n"}, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			answers, err := readAnswers(test.out, test.times)
			g.Expect(err != nil).To(Equal(test.want == nil))
			g.Expect(answers).To(Equal(test.want))
		})
	}
}

func TestAnswersAreDescribed(t *testing.T) {
	answers := Answers{"web-1": 2, NobodyAnswered: 1, CutOff: 1, "HTTP 503": 4, "HTTP 200 without a body": 1}
	NewWithT(t).Expect(answers.String()).
		To(Equal(`no answer ×1, HTTP 200 without a body ×1, HTTP 503 ×4, connected, but no answer ×1, "web-1" ×2`))
}

func TestAnnouncingReadsTheNeighbours(t *testing.T) {
	for name, test := range map[string]struct {
		curl int
		err  bool
	}{"nobody answers": {28, false}, "curl cannot ask": {6, true}} {
		t.Run(name, func(t *testing.T) {
			path := program(t, "curl", fmt.Sprintf("exit %d", test.curl))
			out, err := here(path).Run(t.Context(), "sh", "-c", "ip() { echo '10.0.0.1 dev eth0 lladdr 02:42:ac:11:00:02 REACHABLE'; }"+askAnnouncers,
				"http://10.0.0.1/", "10.0.0.1", "1.000", joinCodes(unansweredCodes()))
			g := NewWithT(t)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(out.ExitCode != 0).To(Equal(test.err), out.String())
			if !test.err {
				g.Expect(out.Stdout).To(HaveSuffix("02:42:ac:11:00:02\n"))
			}
		})
	}
}

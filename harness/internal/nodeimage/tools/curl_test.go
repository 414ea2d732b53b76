//go:build linux

package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// answering serves each connection with one text, and returns its URL. After an empty text it closes the connection.
func answering(t *testing.T, text string, hold bool) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			request := make([]byte, 4096)
			_, _ = conn.Read(request)
			fmt.Fprint(conn, text)
			if hold {
				t.Cleanup(func() { conn.Close() })
				continue
			}
			conn.Close()
		}
	}()
	return "http://" + listener.Addr().String()
}

// refusing returns a URL at which nothing listens.
func refusing(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String()
}

func TestCurl(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprintf(w, "%s %s", r.Header.Get("X-Asked"), r.URL.RequestURI())
	}))
	defer server.Close()
	const report = "|%{http_code} %{exitcode}"
	for _, test := range []struct {
		name, url, want, stderr string
		status                  int
	}{
		{"an answer", server.URL + "/?a=b", "by me /?a=b|200 0", "< HTTP/1.1 200 OK", 0},
		{"an error of the server", server.URL + "/none", "by me /none|404 0", "404 Not Found", 0},
		{"a closed port", refusing(t), "|000 7", "Connection refused", curlUnconnected},
		{"no name", "http://no-such-name.invalid", "|000 6", "Could not resolve host: no-such-name.invalid", curlUnresolved},
		{"no answer", answering(t, "", true), "|000 28", "Operation timed out", curlTimedOut},
		{"an answer that stops", answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", true), "half|200 28", "Operation timed out", curlTimedOut},
		{"half an answer", answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", false), "half|200 18", "bytes remaining", curlPartial},
		{"an empty answer", answering(t, "", false), "|000 52", "Empty reply from server", curlNoReply},
		{"another protocol", answering(t, "SSH-2.0-OpenSSH\r\n", false), "|000 1", "HTTP/0.9", curlUnsupported},
		{"a wrong answer", answering(t, "HTTP/1.1 what\r\n\r\n", false), "|000 8", "Invalid response", curlWeirdReply},
		{"HTTPS", "https://127.0.0.1", "|000 1", "not supported", curlUnsupported},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := NewWithT(t)
			out, problems, status := inBox(t, "curl", "--silent", "--verbose", "--noproxy", "*", "--max-time", "0.700",
				"--header", "X-Asked: by me", "--write-out", report, test.url)
			g.Expect(out).To(Equal(test.want))
			g.Expect(problems).To(ContainSubstring(test.stderr))
			g.Expect(status).To(Equal(test.status))
		})
	}
}

func TestCurlReportsTimesAndURL(t *testing.T) {
	g := NewWithT(t)
	url := refusing(t)
	out, _, _ := inBox(t, "curl", "--silent", "--write-out", "%{time_namelookup} %{time_connect} %{url_effective}", url)
	words := strings.Fields(out)
	g.Expect(words).To(HaveLen(3))
	g.Expect(words[0]).To(And(MatchRegexp(`^0\.\d{6}$`), Not(Equal("0.000000"))))
	g.Expect(words[1:]).To(Equal([]string{"0.000000", url + "/"}))
}

func TestCurlManyRequests(t *testing.T) {
	g := NewWithT(t)
	out, problems, status := inBox(t, "sh", "-c", `yes "url = \"$0\"" | head -n 3 | curl --silent --show-error --fail-early --write-out 'asked ' --config -`, refusing(t))
	g.Expect(out).To(Equal("asked "))
	g.Expect(problems).To(ContainSubstring("curl: (7) Failed to connect"))
	g.Expect(status).To(Equal(curlUnconnected))
	out, _, status = inBox(t, "sh", "-c", `yes "url = \"$0\"" | head -n 3 | curl --silent --show-error --fail-early --write-out 'asked ' --config -`,
		answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na\n", false))
	g.Expect(out).To(Equal(strings.Repeat("a\nasked ", 3)))
	g.Expect(status).To(BeZero())
}

func TestCurlRefusesWhatItDoesNotKnow(t *testing.T) {
	g := NewWithT(t)
	_, problems, status := inBox(t, "curl", "--location", "http://127.0.0.1")
	g.Expect(problems).To(Equal("curl: option --location: is unknown\n"))
	g.Expect(status).To(Equal(curlUsage))
}

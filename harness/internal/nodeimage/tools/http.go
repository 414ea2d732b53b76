//go:build linux

package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// transfer is one request that is being made.
type transfer struct {
	*transfers
	result
	began time.Time
}

// get requests a URL and writes the body of the answer.
func (t *transfers) get(target string, body io.Writer) result {
	r := transfer{transfers: t, began: time.Now()}
	if !strings.Contains(target, "://") {
		target = "http://" + target
	}
	var err error
	if r.target, err = url.Parse(target); err != nil || r.target.Host == "" {
		return r.fail(curlMalformed, "URL rejected: %v", cmp.Or(err, errors.New("no host")))
	}
	if r.target.Scheme != "http" {
		return r.fail(curlUnsupported, "Protocol %q not supported", r.target.Scheme)
	}
	r.target.Path = cmp.Or(r.target.Path, "/")
	ctx := context.Background()
	if t.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.limit)
		defer cancel()
	}
	conn := r.connect(ctx)
	if conn == nil {
		return r.result
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return r.fail(curlReceive, "%v", err)
		}
	}
	return r.exchange(conn, body)
}

// connect returns a connection, or nil if there is none and why in the result.
func (r *transfer) connect(ctx context.Context) net.Conn {
	host, port := r.target.Hostname(), cmp.Or(r.target.Port(), "80")
	addresses, err := resolve(ctx, host)
	switch {
	case err != nil && ctx.Err() != nil:
		r.fail(curlTimedOut, "Resolving timed out after %d milliseconds", time.Since(r.began).Milliseconds())
		return nil
	case err != nil:
		r.fail(curlUnresolved, "Could not resolve host: %s (%v)", host, err)
		return nil
	}
	r.resolved = time.Since(r.began)
	for i, address := range addresses {
		at := net.JoinHostPort(address.String(), port)
		r.say("*   Trying %s...", at)
		var conn net.Conn
		if conn, err = dial(ctx, at, len(addresses)-i); err == nil {
			r.connected = time.Since(r.began)
			r.say("* Connected to %s (%s) port %s", host, address, port)
			return conn
		}
		r.say("* connect to %s failed: %s", at, kernelWords(err))
	}
	if ctx.Err() != nil || timedOut(err) {
		r.fail(curlTimedOut, "Connection timed out after %d milliseconds", time.Since(r.began).Milliseconds())
	} else {
		r.fail(curlUnconnected, "Failed to connect to %s port %s: %s", host, port, kernelWords(err))
	}
	return nil
}

func resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if address, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{address}, nil
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for i := range addresses {
		addresses[i] = addresses[i].Unmap()
	}
	return addresses, err
}

// dial connects within its share of the time that is left for so many addresses.
func dial(ctx context.Context, at string, addresses int) (net.Conn, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(addresses))
		defer cancel()
	}
	return new(net.Dialer).DialContext(ctx, "tcp", at)
}

// exchange sends the request and reads the answer.
func (r *transfer) exchange(conn net.Conn, body io.Writer) result {
	if _, err := io.WriteString(conn, r.request()); err != nil {
		return r.broken(err, curlSend, "Send failure")
	}
	in := bufio.NewReader(conn)
	start, err := in.Peek(len("HTTP/"))
	switch {
	case len(start) == 0 && errors.Is(err, io.EOF):
		return r.fail(curlNoReply, "Empty reply from server")
	case err != nil && !errors.Is(err, io.EOF):
		return r.broken(err, curlReceive, "Recv failure")
	case string(start) != "HTTP/":
		return r.fail(curlUnsupported, "Received HTTP/0.9 when not allowed")
	}
	response, err := http.ReadResponse(in, &http.Request{Method: http.MethodGet})
	if err != nil {
		return r.broken(err, curlWeirdReply, "Invalid response")
	}
	defer response.Body.Close()
	r.status = response.StatusCode
	r.say("< %s %s", response.Proto, response.Status)
	if r.failOnStatus && r.status >= http.StatusBadRequest {
		return r.fail(curlHTTPError, "The requested URL returned error: %d", r.status)
	}
	return r.copy(body, response.Body)
}

// request returns the text of the request. The connection is closed after the answer.
func (r *transfer) request() string {
	lines := []string{"GET " + r.target.RequestURI() + " HTTP/1.1", "Host: " + r.target.Host, "User-Agent: curl", "Accept: */*"}
	for _, header := range r.headers {
		name, _, _ := strings.Cut(header, ":")
		for i, line := range lines {
			if i > 0 && strings.HasPrefix(strings.ToLower(line), strings.ToLower(name)+":") {
				lines[i] = header
				header = ""
			}
		}
		if header != "" {
			lines = append(lines, header)
		}
	}
	r.say("> %s", lines[0])
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

func (r *transfer) copy(to io.Writer, from io.Reader) result {
	buffer := make([]byte, 32<<10)
	total := 0
	for {
		n, err := from.Read(buffer)
		total += n
		if _, failed := to.Write(buffer[:n]); failed != nil {
			return r.fail(curlWrite, "Failure writing output to destination: %v", failed)
		}
		switch {
		case errors.Is(err, io.EOF):
			return r.result
		case errors.Is(err, io.ErrUnexpectedEOF):
			return r.fail(curlPartial, "end of response after %d bytes, with bytes remaining to read", total)
		case err != nil:
			return r.broken(err, curlReceive, fmt.Sprintf("Recv failure after %d bytes", total))
		}
	}
}

// broken fails with the status of a timeout if it is one, of receiving if the connection broke, or else with exit.
func (r *transfer) broken(err error, exit int, what string) result {
	var number syscall.Errno
	switch {
	case timedOut(err):
		return r.fail(curlTimedOut, "Operation timed out after %d milliseconds", time.Since(r.began).Milliseconds())
	case errors.As(err, &number) && exit == curlWeirdReply:
		exit = curlReceive
	}
	return r.fail(exit, "%s: %s", what, kernelWords(err))
}

func (r *transfer) fail(exit int, format string, args ...any) result {
	r.exit, r.problem = exit, fmt.Sprintf(format, args...)
	r.say("* %s", r.problem)
	return r.result
}

func (r *transfer) say(format string, args ...any) {
	if r.verbose {
		fmt.Fprintf(r.err, format+"\n", args...)
	}
}

func timedOut(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
}

// kernelWords returns the kernel's reason as the C library words it, such as "Connection refused".
func kernelWords(err error) string {
	var number syscall.Errno
	if !errors.As(err, &number) {
		return err.Error()
	}
	words := []rune(number.Error())
	words[0] = unicode.ToUpper(words[0])
	return string(words)
}

package nodeimage

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/sync/errgroup"
)

const (
	// proxyTimeout limits one request to a module proxy.
	proxyTimeout = 10 * time.Second
	// proxyConcurrency is the maximum number of concurrent requests to module proxies.
	proxyConcurrency = 8
)

// refused returns those of the modules, each as path@version, whose source the go command could not download. A proxy may know
// a version and its go.mod, but refuse the source. proxies has the format of GOPROXY. Only HEAD requests are sent.
func refused(ctx context.Context, proxies string, modules []string) (map[string]bool, error) {
	answers := make([]bool, len(modules))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(proxyConcurrency)
	for i, m := range modules {
		g.Go(func() error {
			file, err := sourceFile(m)
			if err != nil {
				return err
			}
			answers[i] = refusedBy(ctx, proxies, file)
			return ctx.Err()
		})
	}
	err := g.Wait()
	all := map[string]bool{}
	for i, m := range modules {
		if answers[i] {
			all[m] = true
		}
	}
	return all, err
}

// sourceFile returns the path of the source of path@version on a proxy (go help goproxy).
func sourceFile(m string) (string, error) {
	path, version, _ := strings.Cut(m, "@")
	path, err := module.EscapePath(path)
	if err != nil {
		return "", err
	}
	version, err = module.EscapeVersion(version)
	return fmt.Sprintf("%s/@v/%s.zip", path, version), err
}

// noAnswers are statuses that say nothing of a file: the go command has credentials that these requests lack, or asks later.
var noAnswers = [...]int{http.StatusUnauthorized, http.StatusProxyAuthRequired, http.StatusTooManyRequests}

// refusedBy tries the proxies as the go command does: after a comma it continues only if the file is not found, after a pipe
// after any error. A file counts as not refused if the go command would use no proxy, or if the network or the server fails.
func refusedBy(ctx context.Context, proxies, file string) bool {
	for proxies != "" {
		proxy, rest, always := proxies, "", false
		if i := strings.IndexAny(proxies, ",|"); i >= 0 {
			proxy, rest, always = proxies[:i], proxies[i+1:], proxies[i] == '|'
		}
		if !strings.HasPrefix(proxy, "http") {
			return proxy == "off"
		}
		switch status := head(ctx, strings.TrimSuffix(proxy, "/")+"/"+file); {
		case status < http.StatusBadRequest || status >= http.StatusInternalServerError, slices.Contains(noAnswers[:], status):
			return false
		case !always && status != http.StatusNotFound && status != http.StatusGone:
			return true
		}
		proxies = rest
	}
	return true
}

// head returns the status of a HEAD request, or 0 if it fails.
func head(ctx context.Context, url string) int {
	ctx, cancel := context.WithTimeout(ctx, proxyTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
	if err != nil {
		return 0
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
	return response.StatusCode
}

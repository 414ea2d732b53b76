package nodeimage

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/sync/errgroup"
)

const (
	// proxyTimeout is how long a module proxy may take to say whether it has a file.
	proxyTimeout = 10 * time.Second
	// proxyQuestions are asked of a module proxy at a time.
	proxyQuestions = 8
)

// refused are those of the modules, each as path@version, whose source the go command would be refused. A proxy may know
// a version and its go.mod, and still not give the source. Proxies are as in GOPROXY; they are asked for headers alone.
func refused(ctx context.Context, proxies string, modules []string) (map[string]bool, error) {
	answers := make([]bool, len(modules))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(proxyQuestions)
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

// sourceFile is where a proxy keeps the source of path@version (go help goproxy).
func sourceFile(m string) (string, error) {
	path, version, _ := strings.Cut(m, "@")
	path, err := module.EscapePath(path)
	if err != nil {
		return "", err
	}
	version, err = module.EscapeVersion(version)
	return fmt.Sprintf("%s/@v/%s.zip", path, version), err
}

// refusedBy goes through the proxies as the go command does: on to the next one after a comma when a file is not found,
// after a bar always. Where it would ask no proxy, or the network fails, nothing is refused.
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
		case status < http.StatusBadRequest || status >= http.StatusInternalServerError:
			return false
		case !always && status != http.StatusNotFound && status != http.StatusGone:
			return true
		}
		proxies = rest
	}
	return true
}

// head is the status with which a file is served; 0 when nothing answers.
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

package match

import (
	"fmt"
	"net/http"

	"github.com/noteproof/noteproof/harness/probe"
)

// BeAnswered matches an Answer with a status of success (2xx). An error page of a proxy is no answer of the target.
func BeAnswered() Described {
	return That("be answered with success", func(a probe.Answer) bool { return a.Status/100 == 2 })
}

// BeAnsweredWith matches an Answer with status 200 and just this body.
func BeAnsweredWith(body string) Described {
	return That(fmt.Sprintf("be answered with %q", body), func(a probe.Answer) bool { return a.Status == http.StatusOK && a.Body == body })
}

// BeUnreached matches an Answer of which no connection was established: it was refused, timed out, or there was no route.
// A refusal counts because another machine on the way may send it as well as the target. An established connection
// never matches, whatever came of it, nor does an Answer that does not say why.
func BeUnreached() Described {
	return That("not be reached", func(a probe.Answer) bool { return !a.Reached() && a.Why != "" })
}

// BeRefused matches an Answer that is none because the connection was refused.
func BeRefused() Described {
	return That("be refused", func(a probe.Answer) bool { return !a.Reached() && a.Why == "connection refused" })
}

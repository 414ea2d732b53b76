package match

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/noteproof/noteproof/harness/probe"
)

// BeAnswered matches an Answer with a status of success (2xx). A proxy's error page is not an answer of the target.
func BeAnswered() Described {
	return That("be answered with success", func(a probe.Answer) bool { return a.Status/100 == 2 })
}

// BeAnsweredWith matches an Answer with status 200 and exactly this body.
func BeAnsweredWith(body string) Described {
	return That(fmt.Sprintf("be answered with %q", body), func(a probe.Answer) bool { return a.Status == http.StatusOK && a.Body == body })
}

// BeUnreached matches an Answer without an established connection: it was refused, timed out, or there was no route. A refusal
// counts because another machine on the route may send it as well as the target. An Answer with an established connection
// never matches, and neither does one that does not say why there was none.
func BeUnreached() Described {
	return That("not be reached", func(a probe.Answer) bool { return !a.Reached() && a.Why != "" })
}

// BeRefused matches an Answer whose connection was refused.
func BeRefused() Described {
	return That("be refused", func(a probe.Answer) bool { return !a.Reached() && a.Why == "connection refused" })
}

// Mention matches an Answer whose body contains these words.
func Mention(words string) Described {
	return That(fmt.Sprintf("mention %q", words), func(a probe.Answer) bool { return strings.Contains(a.Body, words) })
}

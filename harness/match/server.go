package match

import (
	"net/http"

	"github.com/noteproof/noteproof/harness/probe"
)

// BeAccepted matches the Answer of an API server that did as it was asked.
func BeAccepted() Described {
	return that("be accepted by the API server", func(a probe.Answer) bool { return a.Status/100 == 2 })
}

// BeInvalid matches the Answer of an API server that refused because of what it was given: 400 when it could not be
// read, 422 when a field of it is not allowed (Kubernetes API conventions, "HTTP Status codes").
func BeInvalid() Described {
	return that("be refused by the API server as invalid", func(a probe.Answer) bool {
		return a.Status == http.StatusBadRequest || a.Status == http.StatusUnprocessableEntity
	})
}

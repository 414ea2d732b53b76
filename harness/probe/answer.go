package probe

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Answer is the answer to a request.
type Answer struct {
	Status int // the HTTP status; 0 without a complete HTTP answer
	// Connected is true if a connection to the target was established.
	Connected bool
	Body      string // without surrounding white space
	// Why is why there is no complete HTTP answer: "connection refused", "timed out", "no route", or the client's message. It
	// is empty if there is one.
	Why string
	// Reason and Causes are those of the API server's status if it refused the request; otherwise they are empty.
	Reason metav1.StatusReason
	Causes []metav1.StatusCause
}

// Reached returns whether a connection was established. A server that accepted the connection and then was slow, closed it or
// reset it was reached.
func (a Answer) Reached() bool { return a.Connected || a.Status != 0 }

func (a Answer) String() string {
	switch {
	case a.Status != 0:
		return fmt.Sprintf("HTTP %d %q", a.Status, shorten(a.Body))
	case a.Connected:
		return "connected, but no answer: " + a.Why
	default:
		return "no answer: " + a.Why
	}
}

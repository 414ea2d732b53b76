package probe

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Answer is what came back from a request.
type Answer struct {
	Status int // the HTTP status; 0 without a whole HTTP answer
	// Connected is true when a connection to the target was established, whatever came of it.
	Connected bool
	Body      string // without surrounding white space
	// Why is the cause when there is no whole HTTP answer: "connection refused", "timed out", "no route", or the client's
	// own words. It is empty when there is one.
	Why string
	// Reason and Causes are those of the API server's status where it refused; else they are empty.
	Reason metav1.StatusReason
	Causes []metav1.StatusCause
}

// Reached reports whether a connection was established. A server that accepted the connection and then was slow, closed
// it or reset it was reached.
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

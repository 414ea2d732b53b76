package probe

import (
	"context"
	"errors"
	"testing"

	. "github.com/onsi/gomega"
)

func TestRememberRepeatsTheLastResult(t *testing.T) {
	g := NewWithT(t)
	seen, failure := 0, error(nil)
	now, last := Remember(New("a number", func(context.Context) (any, error) {
		seen++
		return seen, failure
	}))
	g.Expect(last.Name()).To(Equal("a number"))

	_, err := last.Ask(t.Context())
	g.Expect(err).To(MatchError("nothing has been seen yet"))

	for range 2 {
		_, err = now.Ask(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(last.Ask(t.Context())).To(Equal(2))
	g.Expect(last.Ask(t.Context())).To(Equal(2), "it does not look again")

	failure = errors.New("away")
	_, _ = now.Ask(t.Context())
	_, err = last.Ask(t.Context())
	g.Expect(err).To(MatchError("away"))
}

func TestRememberKeepsTheTargetOfARequest(t *testing.T) {
	g := NewWithT(t)
	now, last := Remember(here().HTTP("http://web/"))
	for _, look := range []Look{now, last} {
		g.Expect(look).To(BeAssignableToTypeOf(request{}))
		g.Expect(look.(request).Target()).To(Equal("http://web/"))
	}
}

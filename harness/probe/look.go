package probe

import (
	"context"
	"errors"
)

// Look is an observation of the cluster that can be repeated.
type Look interface {
	// Name says what is looked at, such as "Pods app=bare".
	Name() string
	// Ask looks once. An error means that the look failed. A negative answer is not an error.
	Ask(ctx context.Context) (any, error)
}

// look is a Look that consists of a name and a function.
type look struct {
	name string
	ask  func(ctx context.Context) (any, error)
}

func (l look) Name() string                         { return l.name }
func (l look) Ask(ctx context.Context) (any, error) { return l.ask(ctx) }

// Request is a Look that requests a URL. Before an answer to a request that is contrary to what is expected is believed, the
// parts of the cluster are checked that the request goes through.
type Request interface {
	Look
	// Target returns the URL, which shows which parts these are.
	Target() string
}

// request is a Request.
type request struct {
	Look
	url string
}

// Target implements Request.
func (r request) Target() string { return r.url }

// New returns a Look with a name, such as "Deployment web", and a function that looks once. An error of the function means
// that the look failed. A negative answer is not an error. The record contains the text of T's String method, if it has one.
func New[T any](name string, ask func(ctx context.Context) (T, error)) Look {
	return look{name, func(ctx context.Context) (any, error) {
		seen, err := ask(ctx)
		if err != nil {
			return nil, err
		}
		return seen, nil
	}}
}

// Remember returns the look, and one that repeats its last result without looking, so that one measurement can be compared
// with several matchers. The second look fails until the first one was made, and if the first one failed.
func Remember(l Look) (now, last Look) {
	var seen any
	err := errors.New("nothing has been seen yet")
	first := look{l.Name(), func(ctx context.Context) (any, error) {
		seen, err = l.Ask(ctx)
		return seen, err
	}}
	repeated := look{l.Name(), func(context.Context) (any, error) { return seen, err }}
	if r, ok := l.(Request); ok {
		return request{first, r.Target()}, request{repeated, r.Target()}
	}
	return first, repeated
}

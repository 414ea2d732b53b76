package probe

import (
	"context"
	"errors"
)

// Look is one question to the cluster that can be asked again and again.
type Look interface {
	// Name says what is looked at, such as "Pods app=bare".
	Name() string
	// Ask looks once. The error means that the look could not be had, never that the answer was no.
	Ask(ctx context.Context) (any, error)
}

// look is a Look made of a name and a function.
type look struct {
	name string
	ask  func(ctx context.Context) (any, error)
}

func (l look) Name() string                         { return l.name }
func (l look) Ask(ctx context.Context) (any, error) { return l.ask(ctx) }

// request is a look that asks a URL.
type request struct {
	look
	url string
}

// Target is the URL that is asked, so that it is known what the answer depends on.
func (r request) Target() string { return r.url }

// New makes a Look of a name, such as "Deployment web", and a function that looks once. Its error means that the look could
// not be had, never that the answer was no. What a T says of itself, by String, stands in the record.
func New[T any](name string, ask func(ctx context.Context) (T, error)) Look {
	return look{name, func(ctx context.Context) (any, error) {
		seen, err := ask(ctx)
		if err != nil {
			return nil, err
		}
		return seen, nil
	}}
}

// Remember returns the look, and one that shows again what it saw last, so that one measurement can be compared with several
// things. Until it has seen something, and when it could not be had, the second one is an error.
func Remember(l Look) (now, last Look) {
	var seen any
	err := errors.New("nothing was seen yet")
	first := look{l.Name(), func(ctx context.Context) (any, error) {
		seen, err = l.Ask(ctx)
		return seen, err
	}}
	again := look{l.Name(), func(context.Context) (any, error) { return seen, err }}
	if r, is := l.(interface{ Target() string }); is {
		return request{first, r.Target()}, request{again, r.Target()}
	}
	return first, again
}

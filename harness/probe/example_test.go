package probe_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/noteproof/noteproof/harness/probe"
)

// A custom look is a name and a function. An error means that the look failed, which is not an answer.
func ExampleNew() {
	replicas := probe.New("the replicas of Deployment web", func(context.Context) (int, error) { return 2, nil })
	seen, err := replicas.Ask(context.Background())
	fmt.Println(replicas.Name(), seen, err)

	unreachable := probe.New("the replicas of Deployment web", func(context.Context) (int, error) {
		return 0, errors.New("the API server did not answer")
	})
	seen, err = unreachable.Ask(context.Background())
	fmt.Println(seen, err)
	// Output:
	// the replicas of Deployment web 2 <nil>
	// <nil> the API server did not answer
}

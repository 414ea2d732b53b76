package breaks

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/client-go/rest"

	"github.com/noteproof/noteproof/harness/probe"
)

// fakeCluster is a cluster with a fake API server, whose commands on nodes are answered by a function.
type fakeCluster struct {
	Cluster
	nodes  []Node
	onNode func(node string, command []string) (probe.Output, error)
	url    string
}

func (f fakeCluster) Nodes(context.Context) ([]Node, error) { return f.nodes, nil }

func (f fakeCluster) OnNode(_ context.Context, node string, command ...string) (probe.Output, error) {
	return f.onNode(node, command)
}

func (f fakeCluster) RESTConfig() (*rest.Config, error) { return &rest.Config{Host: f.url}, nil }

// wholeServer returns the API server of a whole cluster with one node and nothing else.
func wholeServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer := `{"items":[]}`
		switch {
		case strings.HasSuffix(r.URL.Path, "/nodes"):
			answer = `{"kind":"NodeList","apiVersion":"v1","items":[{"metadata":{"name":"a"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}]}`
		case strings.Contains(r.URL.Path, "/leases/"):
			answer = `{"spec":{"holderIdentity":"a","renewTime":"2999-01-01T00:00:00.000000Z"}}`
		}
		if _, err := w.Write([]byte(answer)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestUndo(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name        string
		applyFails  error
		firstFails  bool // undoing the first step fails at first
		order       []string
		undoFails   error
		secondOrder []string // what the second call of undo runs
	}{
		{name: "the last step is undone first, and nothing twice", order: []string{"two", "one"}},
		{name: "a disturbance that was applied in part is undone", applyFails: broken, order: []string{"two", "one"}},
		{name: "a step that fails is undone again, and the others are not", firstFails: true, order: []string{"two", "one"}, undoFails: broken, secondOrder: []string{"one"}},
		{name: "the error of undoing it is reported, too", applyFails: broken, firstFails: true, order: []string{"two", "one"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := NewWithT(t)
			var order []string
			fail := c.firstFails
			d := disturbance("test", "does a test", func(_ context.Context, ch *change) error {
				ch.onUndo(func(context.Context) error {
					order = append(order, "one")
					if fail {
						fail = false
						return errors.Join(broken, errors.New("one is stuck"))
					}
					return nil
				})
				ch.onUndo(func(ctx context.Context) error {
					order = append(order, "two")
					return ctx.Err()
				})
				return c.applyFails
			})
			ctx, cancel := context.WithCancel(t.Context())
			undo, err := d.Apply(ctx, fakeCluster{url: wholeServer(t)})
			cancel()
			if c.applyFails != nil {
				g.Expect(err).To(MatchError(c.applyFails))
				g.Expect(err.Error()).To(HavePrefix("apply test: "))
				g.Expect(strings.Contains(err.Error(), "one is stuck")).To(Equal(c.firstFails))
				g.Expect(undo).To(BeNil())
				g.Expect(order).To(Equal(c.order))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			if c.undoFails == nil {
				g.Expect(undo(t.Context())).To(Succeed())
			} else {
				g.Expect(undo(t.Context())).To(MatchError(c.undoFails))
			}
			g.Expect(order).To(Equal(c.order))
			order = nil
			g.Expect(undo(t.Context())).To(Succeed())
			g.Expect(order).To(Equal(c.secondOrder))
			order = nil
			g.Expect(undo(t.Context())).To(Succeed())
			g.Expect(order).To(BeEmpty())
		})
	}
}

func TestWorkersAreCountedByName(t *testing.T) {
	g := NewWithT(t)
	c := &change{Cluster: fakeCluster{nodes: []Node{{"b", false}, {"a-control-plane", true}, {"a", false}}}}
	g.Expect(c.controlPlane(t.Context())).To(Equal("a-control-plane"))
	g.Expect(c.worker(t.Context(), 1)).To(Equal("a"))
	g.Expect(c.worker(t.Context(), 2)).To(Equal("b"))
	for _, number := range []int{0, 3} {
		_, err := c.worker(t.Context(), number)
		g.Expect(err).To(MatchError(ContainSubstring("among 2")))
	}
}

func TestACommandThatFailsIsAnError(t *testing.T) {
	g := NewWithT(t)
	c := &change{Cluster: fakeCluster{onNode: func(node string, command []string) (probe.Output, error) {
		return probe.Output{ExitCode: 3, Stderr: "no " + command[len(command)-1] + " on " + node}, nil
	}}}
	_, err := c.script(t.Context(), "a", "cat $1", "file")
	g.Expect(err).To(MatchError(And(ContainSubstring("exit code 3"), ContainSubstring("no file on a"))))
}

func TestAwaitReturnsTheLastProblem(t *testing.T) {
	g := NewWithT(t)
	err := await(t.Context(), "it rains", lookEvery, func(context.Context) (string, error) { return "there is no cloud", nil })
	g.Expect(err).To(MatchError("wait until it rains: not within 250ms: there is no cloud"))

	err = await(t.Context(), "it rains", lookEvery, func(context.Context) (string, error) { return "", errors.New("the window is shut") })
	g.Expect(err).To(MatchError(ContainSubstring("the window is shut")))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = await(ctx, "it rains", lookEvery, func(context.Context) (string, error) { return "there is no cloud", nil })
	g.Expect(err).To(MatchError(context.Canceled))
}

package cluster

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	kinderrors "sigs.k8s.io/kind/pkg/errors"
	kindexec "sigs.k8s.io/kind/pkg/exec"

	"github.com/noteproof/noteproof/harness/internal/progress"
)

func TestKindStep(t *testing.T) {
	for said, want := range map[string][2]string{
		" • Preparing nodes 📦 📦 📦   ...\n":                  {"•", "preparing nodes"},
		" ✓ Starting control-plane 🕹️\n":                    {"✓", "starting control-plane"},
		" ✗ Ensuring node image (kindest/node:v1.37.2) 🖼\n": {"✗", "ensuring node image (kindest/node:v1.37.2)"},
		"Creating cluster \"x\" ...\n":                      {"", "creating cluster \"x\""},
		"":                                                  {"", ""},
	} {
		state, what := kindStep(said)
		NewWithT(t).Expect([2]string{state, what}).To(Equal(want), "%q", said)
	}
}

func TestKindLoggerReportsSteps(t *testing.T) {
	g := NewWithT(t)
	var out bytes.Buffer
	logger := &kindLogger{log: progress.New(&out)}
	logger.Warn("enabling experimental podman provider")
	logger.V(0).Infof("Creating cluster %q ...\n", "x")
	logger.V(0).Infof(" • %s  ...\n", "Joining worker nodes 🚜")
	logger.V(1).Info("too much")
	logger.V(0).Infof(" ✓ %s\n", "Joining worker nodes 🚜")
	g.Expect(out.String()).To(MatchRegexp(`^  0:00 …  kind: joining worker nodes\n  0:00 ✓  kind: joining worker nodes \(0s\)\n$`))
}

func TestKindLoggerSaysWhenNodesArePrepared(t *testing.T) {
	g := NewWithT(t)
	prepared := 0
	logger := &kindLogger{log: progress.New(&bytes.Buffer{}), prepared: func() { prepared++ }}
	for said, want := range map[string]int{"Ensuring node image (x) 🖼": 0, "Preparing nodes 📦 📦 📦 📦 ": 0, "Writing configuration 📜": 1} {
		prepared = 0
		logger.V(0).Infof(" • %s  ...\n", said)
		g.Expect(prepared).To(BeZero())
		logger.V(0).Infof(" ✓ %s\n", said)
		g.Expect(prepared).To(Equal(want), said)
	}
}

func TestExplainShowsTheCommandAndItsOutput(t *testing.T) {
	g := NewWithT(t)
	cause := errors.New("exit status 1")
	err := kinderrors.Wrap(&kindexec.RunError{Command: []string{"podman", "exec", "node", "kubeadm init"}, Output: []byte("first\nlast\n"), Inner: cause}, "failed to init node")
	g.Expect(explain(err)).To(MatchError("failed to init node: `podman exec node 'kubeadm init'`: exit status 1\n    first\n    last"))
	g.Expect(explain(err)).To(MatchError(cause))
	g.Expect(explain(cause)).To(BeIdenticalTo(cause))
}

func TestUntilCancelledStopsUntilTheWorkHasReturned(t *testing.T) {
	g := NewWithT(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupted := errors.New("interrupted")
	stopped := make(chan struct{}, 8)
	var returned atomic.Bool
	work := func() error {
		cancel(interrupted)
		<-stopped
		<-stopped // it continues after the first time
		returned.Store(true)
		return errors.New("its nodes vanished")
	}
	stop := func(ctx context.Context) error {
		stopped <- struct{}{}
		return ctx.Err()
	}
	left := errors.New("a volume is left")
	err := untilCancelled(ctx, work, stop, func(ctx context.Context) error {
		g.Expect(returned.Load()).To(BeTrue(), "what the work still uses is not removed")
		return errors.Join(left, ctx.Err())
	})
	g.Expect(err).To(And(MatchError(interrupted), MatchError(left)))
}

func TestUntilCancelledReturnsWhatTheWorkReturns(t *testing.T) {
	g := NewWithT(t)
	failed := errors.New("failed")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	g.Expect(untilCancelled(ctx, func() error { return failed }, nil, nil)).To(BeIdenticalTo(failed))
}

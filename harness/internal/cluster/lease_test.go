package cluster

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/progress"
)

func TestASecondRunWaitsAndSaysForWhom(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	var out bytes.Buffer
	first, err := take(t.Context(), progress.New(&out), dir, "noteproof-x")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(first.tell(inUse, "")).To(Succeed())
	g.Expect(out.String()).To(BeEmpty())

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = take(ctx, progress.New(&out), dir, "noteproof-x")
	g.Expect(err).To(MatchError(context.DeadlineExceeded))
	g.Expect(out.String()).To(MatchRegexp(`wait for the cluster noteproof-x: it belongs to process \d+ \(.*test.*\), which has it since`))

	_, free, err := tryTake(dir, "noteproof-y")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(free).To(BeTrue(), "another name is another matter")

	g.Expect(first.release()).To(Succeed())
	second, err := take(t.Context(), nil, dir, "noteproof-x")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(second.read()).To(HaveField("Phase", inUse))
	g.Expect(second.read()).To(HaveField("PID", os.Getpid()))
}

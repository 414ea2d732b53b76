package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

// leasingEngine is an engine whose containers are the shells that run them. It keeps each container's labels in a file with the container's
// name, as long as the container exists.
func leasingEngine(t *testing.T) (eng *engine.Engine, containers string) {
	t.Helper()
	containers = t.TempDir()
	script := `#!/bin/bash
cd ` + containers + `
case "$1" in
info) echo '{"host":{"cgroupVersion":"v2"},"version":{"Version":"5.4.2"}}' ;;
ps)
  case "$*" in
  *--all*) ls ;;
  *) grep -ls '"Running":true' * ;;
  esac
  exit 0 ;;
inspect)
  shift 3
  echo -n '[' && cat "$@" && echo ']' ;;
rm) /bin/rm -f "$4" ;;
run)
  name= labels=
  while [ $# -gt 0 ]; do
    case "$1" in
    --name) name=$2; shift ;;
    --label) labels+="${labels:+,}\"${2%%=*}\":\"${2#*=}\""; shift ;;
    -c) command=$2 ;;
    esac
    shift
  done
  set -o noclobber
  echo "{\"Id\":\"$name\",\"State\":{\"Running\":true},\"Config\":{\"Labels\":{$labels}}}" 2>/dev/null >"$name" || { echo "the name $name is in use" >&2; exit 125; }
  bash -c "$command"
  /bin/rm -f "$name" ;;
*) echo "unexpected: $*" >&2; exit 1 ;;
esac
`
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "podman"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	eng, err := engine.Detect(t.Context(), engine.Options{Name: engine.Podman, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return eng, containers
}

func TestASecondRunWaitsAndLogsWhoHoldsTheLease(t *testing.T) {
	g := NewWithT(t)
	eng, containers := leasingEngine(t)
	var out bytes.Buffer
	first, err := acquire(t.Context(), eng, progress.New(&out), "noteproof-x", "image")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(out.String()).To(BeEmpty())
	g.Expect(filepath.Join(containers, "noteproof-x-lease")).To(BeAnExistingFile())

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = acquire(ctx, eng, progress.New(&out), "noteproof-x", "image")
	g.Expect(err).To(HaveOccurred())
	g.Expect(ctx.Err()).To(MatchError(context.DeadlineExceeded))

	_, by, err := tryAcquire(t.Context(), eng, "noteproof-x", "image")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(by.String()).To(MatchRegexp(`process \d+ of .+@.+ since \d+`))
	other, _, err := tryAcquire(t.Context(), eng, "noteproof-y", "image")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(other).NotTo(BeNil(), "another name has a lease of its own")
	g.Expect(other.release()).To(Succeed())

	waiting := make(chan *lease)
	go func() {
		l, _ := acquire(t.Context(), eng, nil, "noteproof-x", "image")
		waiting <- l
	}()
	g.Expect(first.release()).To(Succeed())
	second := <-waiting
	g.Expect(second).NotTo(BeNil())
	g.Expect(second.release()).To(Succeed())
	g.Expect(os.ReadDir(containers)).To(BeEmpty())
}

func TestALeaseWhoseContainerDoesNotRun(t *testing.T) {
	for name, c := range map[string]struct {
		since time.Time
		taken bool
	}{
		"it is starting":                         {time.Now(), false},
		"its process ended while it started":     {time.Now().Add(-2 * leaseStart), true},
		"it does not say since when it is there": {time.Time{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			eng, containers := leasingEngine(t)
			other := fmt.Sprintf(`{"Id":"noteproof-x-lease","State":{"Running":false},"Config":{"Labels":{"%s":"noteproof-x","%s":"ann@far","%s":"%s"}}}`,
				leaseLabel, ownerLabel, sinceLabel, c.since.Format(time.RFC3339))
			g.Expect(os.WriteFile(filepath.Join(containers, "noteproof-x-lease"), []byte(other), 0o644)).To(Succeed())
			l, by, err := tryAcquire(t.Context(), eng, "noteproof-x", "image")
			g.Expect(err).NotTo(HaveOccurred())
			if !c.taken {
				g.Expect(l).To(BeNil())
				g.Expect(by.Owner).To(Equal("ann@far"))
				g.Expect(filepath.Join(containers, "noteproof-x-lease")).To(BeAnExistingFile(), "another process would lose its lease")
				return
			}
			g.Expect(l).NotTo(BeNil())
			g.Expect(l.release()).To(Succeed())
		})
	}
}

func TestALeaseIsLostWithItsContainer(t *testing.T) {
	g := NewWithT(t)
	eng, containers := leasingEngine(t)
	l, _, err := tryAcquire(t.Context(), eng, "noteproof-x", "image")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(l.lost()).To(BeFalse())
	c := &Cluster{spec: Spec{Name: "noteproof-x"}, eng: eng, lease: l}
	g.Expect(l.stdin.Close()).To(Succeed()) // as if no heartbeat had come
	g.Eventually(l.lost).WithTimeout(10 * time.Second).Should(BeTrue())
	g.Expect(os.WriteFile(filepath.Join(containers, "noteproof-x-worker"), []byte("of another run"), 0o644)).To(Succeed())
	for _, end := range []func(context.Context) error{c.Down, c.undo, func(ctx context.Context) error { return c.Keep(ctx, true) }} {
		g.Expect(end(t.Context())).To(MatchError(ContainSubstring("the cluster noteproof-x is left as it is")))
	}
	g.Expect(filepath.Join(containers, "noteproof-x-worker")).To(BeAnExistingFile())
}

func TestANameOfOnesOwn(t *testing.T) {
	g := NewWithT(t)
	for _, name := range []string{"noteproof-v1-37-2", "noteproof-" + strings.Repeat("x", 37)} {
		own := Spec{Name: name, Kubeconfig: "/folder/" + name}.ownName()
		g.Expect(own.Name).To(And(MatchRegexp(namePattern.String()), Not(Equal(name))))
		g.Expect(own.Kubeconfig).To(Equal("/folder/" + own.Name))
	}
}

func TestAnEngineThatCannotStartTheLeasesContainerIsAnError(t *testing.T) {
	g := NewWithT(t)
	eng, _ := leasingEngine(t)
	_, err := startLease(t.Context(), eng, "noteproof-x", "no/such/folder", "image", "-c", holdLease)
	g.Expect(err).To(MatchError(And(ContainSubstring("noteproof-x is in use"), ContainSubstring("no/such/folder"))))
}

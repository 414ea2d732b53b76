package progress

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal, and what was written to it.
type terminal struct {
	file *os.File
	mu   sync.Mutex
	text bytes.Buffer
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	control, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("this machine has no terminals: %v", err)
	}
	t.Cleanup(func() { control.Close() })
	g := newWithT(t)
	g.Expect(unix.IoctlSetPointerInt(int(control.Fd()), unix.TIOCSPTLCK, 0)).To(Succeed())
	number, err := unix.IoctlGetInt(int(control.Fd()), unix.TIOCGPTN)
	g.Expect(err).NotTo(HaveOccurred())
	file, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(unix.IoctlSetWinsize(int(file.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 100})).To(Succeed())
	t.Cleanup(func() { file.Close() })
	term := &terminal{file: file}
	go func() { _, _ = io.Copy(term, control) }()
	return term
}

func (t *terminal) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(text)
}

var erase = regexp.MustCompile("\x1b\\[[02]?K")

// lines returns the visible lines: of each line what was written last.
func (t *terminal) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(t.text.String(), "\r\n", "\n"), "\n") {
		line = line[strings.LastIndex(line, "\r")+1:]
		lines = append(lines, erase.ReplaceAllString(line, ""))
	}
	return lines
}

func (t *terminal) last() string {
	lines := t.lines()
	return lines[len(lines)-1]
}

// newWithT returns a Gomega whose Eventually allows for a busy machine.
func newWithT(t *testing.T) *WithT {
	t.Helper()
	g := NewWithT(t)
	g.SetDefaultEventuallyTimeout(30 * time.Second)
	return g
}

func TestLiveLine(t *testing.T) {
	t.Setenv("TERM", "xterm")
	g := newWithT(t)
	tty := newTerminal(t)
	log := New(tty.file)

	build, pull := log.Step("build %s", "kubelet"), log.Step("pull")
	g.Eventually(tty.last).Should(MatchRegexp(`build kubelet \(for \d+s\), and 1 more`))
	log.Say("between")
	g.Expect(pull.End(nil)).To(Succeed())
	g.Eventually(tty.last).Should(MatchRegexp(`build kubelet \(for \d+s\)\s*$`))

	done := 0
	var mu sync.Mutex
	stop := log.Watch(4, "claims", func() (int, string) {
		mu.Lock()
		defer mu.Unlock()
		return done, "pod.localhost"
	})
	g.Eventually(tty.last).Should(And(ContainSubstring("(0/4)"), ContainSubstring("pod.localhost")))
	mu.Lock()
	done = 1
	mu.Unlock()
	g.Eventually(tty.last).Should(And(ContainSubstring("25%"), ContainSubstring("(1/4)")))
	stop()
	g.Expect(build.End(nil)).To(Succeed())
	log.Print("the table\n")

	g.Eventually(tty.lines).Should(HaveLen(5))
	lines := tty.lines()
	g.Expect(lines[0]).To(HaveSuffix("between"))
	g.Expect(lines[1]).To(MatchRegexp(`✓  pull \(.*\)$`))
	g.Expect(lines[2]).To(MatchRegexp(`✓  build kubelet \(.*\)$`))
	g.Expect(lines[3:]).To(Equal([]string{"the table", ""}))
	g.Consistently(tty.lines).WithTimeout(2 * redrawInterval).Should(Equal(lines))
}

func TestABarWithAnEstimateOfAJob(t *testing.T) {
	t.Setenv("TERM", "xterm")
	g := newWithT(t)
	tty := newTerminal(t)
	log := New(tty.file)

	job := log.Job("the node image", map[string]time.Duration{"kubelet": 4 * time.Minute, "etcd": 4 * time.Minute})
	step := log.Step("go build kubelet")
	job.Begin("kubelet")
	g.Eventually(tty.last).Should(And(ContainSubstring("0%"), MatchRegexp(`the node image in about 8 min: go build kubelet \(for \d+s\)`)))
	job.Done("kubelet")
	g.Expect(step.End(nil)).To(Succeed())
	step = log.Step("go build etcd")
	g.Eventually(tty.last).Should(And(ContainSubstring("50%"), ContainSubstring("go build etcd (for")))
	job.End()
	g.Eventually(tty.last).Should(And(ContainSubstring("go build etcd (for"), Not(ContainSubstring("the node image"))))
	g.Expect(step.End(nil)).To(Succeed())
	g.Eventually(tty.last).Should(BeEmpty())
}

func TestWithoutATerminalEachStepLogsItsBeginning(t *testing.T) {
	g := newWithT(t)
	var out bytes.Buffer
	log := New(&out)
	step := log.Step("build")
	stop := log.Watch(4, "claims", func() (int, string) { return 0, "" })
	stop()
	g.Expect(step.End(nil)).To(Succeed())
	g.Expect(out.String()).To(MatchRegexp(`^ +0:00 …  build\n +0:00 ✓  build \(0s\)\n$`))
}

func TestANilLogWritesNothing(t *testing.T) {
	var log *Log
	log.Say("nothing")
	log.Watch(1, "claims", func() (int, string) { return 0, "" })()
	NewWithT(t).Expect(log.Step("nothing").End(nil)).To(Succeed())
}

func TestColoursAreForTerminals(t *testing.T) {
	g := newWithT(t)
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	tty := newTerminal(t)
	g.Expect(New(tty.file).Colours()).To(BeTrue())
	g.Expect(New(&bytes.Buffer{}).Colours()).To(BeFalse())
	t.Setenv("NO_COLOR", "1")
	g.Expect(New(tty.file).Colours()).To(BeFalse())
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "dumb")
	g.Expect(New(tty.file).Colours()).To(BeFalse())
}

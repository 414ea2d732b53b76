package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

func TestEveryCoreIsKeptBusyInEverySecondRun(t *testing.T) {
	g := NewWithT(t)
	f := newField(t)
	cmd, output := f.soak(nil, "--runs", "3")
	g.Expect(cmd.Run()).To(Succeed(), output.String())
	busy := fmt.Sprintf("%d CPUs kept busy", runtime.NumCPU())
	for run, loaded := range map[int]bool{1: false, 2: true, 3: false} {
		if loaded {
			g.Expect(f.ran(run)).To(ContainElement(busy))
		} else {
			g.Expect(f.ran(run)).NotTo(ContainElement(HaveSuffix("kept busy")))
		}
	}
	g.Expect(f.summary("out/soak").Runs).To(HaveExactElements(HaveField("Loaded", false), HaveField("Loaded", true), HaveField("Loaded", false)))
}

func TestTheLoadUsesCPUTimeUntilItIsStopped(t *testing.T) {
	g := NewWithT(t)
	t.Setenv(role, "go") // the burners are this binary
	l, err := startLoad(t.Context(), 2)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(l.burners).To(HaveLen(2))
	pids := []int{l.burners[0].Process.Pid, l.burners[1].Process.Pid}
	for _, pid := range pids {
		g.Eventually(func() int { return ticks(pid) }).WithTimeout(30 * time.Second).Should(BeNumerically(">", 10))
	}
	busy, err := l.stop()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(busy).To(BeNumerically(">", 200*time.Millisecond))
	for _, pid := range pids {
		g.Expect(alive(pid)).To(BeFalse())
	}
}

func TestALoadThatEndsByItselfIsAnError(t *testing.T) {
	g := NewWithT(t)
	t.Setenv(role, "go")
	l, err := startLoad(t.Context(), 2)
	g.Expect(err).NotTo(HaveOccurred())
	first := l.burners[0].Process
	g.Expect(first.Kill()).To(Succeed())
	g.Eventually(func() bool { return alive(first.Pid) }).WithTimeout(30 * time.Second).Should(BeFalse())
	g.Eventually(func() int { l.mu.Lock(); defer l.mu.Unlock(); return len(l.early) }).WithTimeout(30 * time.Second).Should(Equal(1))
	_, err = l.stop()
	g.Expect(err).To(MatchError(And(ContainSubstring("ended before the run"), ContainSubstring("killed"))))
}

func TestAnInterruptedSoakEndsItsLoadWithoutAnError(t *testing.T) {
	g := NewWithT(t)
	t.Setenv(role, "go")
	ctx, cancel := context.WithCancel(t.Context())
	l, err := startLoad(ctx, 1)
	g.Expect(err).NotTo(HaveOccurred())
	cancel()
	_, err = l.stop()
	g.Expect(err).NotTo(HaveOccurred())
}

func TestTheLoadDoesNotOutliveAKilledSoak(t *testing.T) {
	g := NewWithT(t)
	self, err := os.Executable()
	g.Expect(err).NotTo(HaveOccurred())
	parent := exec.CommandContext(t.Context(), self)
	parent.Env = []string{role + "=parent"}
	out, err := parent.StdoutPipe()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(parent.Start()).To(Succeed())
	var pids []int
	for {
		var line string
		if _, err := fmt.Fscanln(out, &line); err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(line)
		if err != nil {
			g.Expect(line).To(Equal("started"))
			break
		}
		pids = append(pids, pid)
	}
	g.Expect(pids).To(HaveLen(2))
	for _, pid := range pids {
		g.Expect(alive(pid)).To(BeTrue())
	}
	g.Expect(parent.Process.Kill()).To(Succeed())
	g.Expect(parent.Wait()).NotTo(Succeed())
	for _, pid := range pids {
		g.Eventually(func() bool { return alive(pid) }).WithTimeout(30 * time.Second).Should(BeFalse())
	}
}

// state returns the fields of /proc/PID/stat after the name; nil if there is no such process.
func state(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}

// alive returns whether a process runs. A zombie does not.
func alive(pid int) bool {
	fields := state(pid)
	return len(fields) > 0 && fields[0] != "Z" && fields[0] != "X"
}

// ticks returns the CPU time that a process used, in hundredths of a second.
func ticks(pid int) int {
	fields := state(pid)
	if len(fields) < 13 {
		return 0
	}
	n, _ := strconv.Atoi(fields[11]) // utime
	return n
}

//go:build linux

package main

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
)

// TestMain is the program under test when it is run under the name of a tool.
func TestMain(m *testing.M) {
	if _, known := tools()[filepath.Base(os.Args[0])]; known {
		os.Exit(run(os.Args))
	}
	os.Exit(m.Run())
}

// box returns a folder with a link to this program for each tool.
func box(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name := range tools() {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// inBox runs a tool where no other programs are, in a folder of its own.
func inBox(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	tools := box(t)
	cmd := exec.CommandContext(t.Context(), filepath.Join(tools, args[0]), args[1:]...)
	var out, problems bytes.Buffer
	// The race detector otherwise makes each of the many processes wait for a second at its end.
	cmd.Dir, cmd.Env = t.TempDir(), []string{"PATH=" + tools, "HOME=/root", "GORACE=atexit_sleep_ms=0"}
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), problems.String(), cmd.ProcessState.ExitCode()
}

func TestNames(t *testing.T) {
	g := NewWithT(t)
	names, err := os.ReadFile("names.txt")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(strings.Fields(string(names))).To(Equal(slices.Sorted(maps.Keys(tools()))))
}

func TestShell(t *testing.T) {
	for _, test := range []struct {
		name   string
		args   []string // after sh
		want   string
		status int
	}{
		{"parameters", []string{"-c", `echo "$0" "$1" "$#" "${0%/*}"`, "a/b", "c d"}, "a/b c d 1 a\n", 0},
		{"the status of exit", []string{"-c", "exit 44"}, "", 44},
		{"exit on errors", []string{"-ec", "false; echo not reached"}, "", 1},
		{"unknown programs", []string{"-c", "no-such-program"}, "", 127},
		{"wrong scripts", []string{"-c", "if"}, "", 2},
		{"functions, loops and arithmetic", []string{"-c", `f() { echo "$1 $(($1 * 2))"; }; for i in $(seq 2); do f "$i"; done`}, "1 2\n2 4\n", 0},
		{"while and case", []string{"-c", `n=3; while [ "$n" -gt 0 ]; do case $n in 2) ;; *) echo "$n";; esac; n=$((n - 1)); done`}, "3\n1\n", 0},
		{"the status of a pipeline", []string{"-c", `false | cat; echo $?; true | grep x; echo $?`}, "0\n1\n", 0},
		{"a pipeline whose end stops first", []string{"-c", `yes "a b" | head -n 2 | wc -l`}, "2\n", 0},
		{"redirections", []string{"-c", `echo one > f; echo two >> f; ls none 2> errors; cat < f; grep -c directory errors`}, "one\ntwo\n1\n", 0},
		{"variables of a program", []string{"-c", `MODE=day printenv MODE; printenv MODE || echo unset`}, "day\nunset\n", 0},
		{"exec in place of the shell", []string{"-c", `exec sh -c '[ "$1" = $$ ] && echo "same process"' sh $$`}, "same process\n", 0},
		{"exec with a background job", []string{"-c", `sleep 1 > /dev/null 2>&1 & exec sh -c '[ "$1" != $$ ] && echo child; exit 5' sh $$`}, "child\n", 5},
		{"exec with redirections", []string{"-c", `echo "in the file" > f; exec cat < f`}, "in the file\n", 0},
		{"exec passes exported variables", []string{"-c", `a=1; export b=2; exec env`}, "contains b=2\n", 0},
		{"local and exported variables", []string{"-c", `f() { local a=2; export c=3; echo $a; }; a=1; f; echo $a; printenv c; readonly a; unset c; printenv c`}, "2\n1\n3\n", 1},
		{"a trap at the end", []string{"-c", `trap 'echo last' EXIT; echo first; exit 3`}, "first\nlast\n", 3},
		{"a here-document", []string{"-c", "n=1; cat <<end\nn is $n\nend"}, "n is 1\n", 0},
		{"exec of what does not exist", []string{"-c", `exec no-such-program`}, "", 127},
		{"exec in a subshell", []string{"-c", `(exec echo inner); echo outer`}, "inner\nouter\n", 0},
		{"a job that waits for a reader", []string{"-c", `mkfifo p; cat < p > f & echo through > p; wait; cat f`}, "through\n", 0},
		{"files of a folder", []string{"-c", `mkdir -p d/e; touch d/.hidden d/e/f; ls d; ls -A d; rm -r d; [ -e d ] || echo gone`}, "e\n.hidden\ne\ngone\n", 0},
		{"missing files", []string{"-c", `ls -d /none 2>&1; cat /none 2>&1; rm -f /none; echo $?`}, "ls: /none: No such file or directory\ncat: /none: No such file or directory\n0\n", 0},
		{"mv", []string{"-c", `mkdir d; echo a > f; mv f d; mv d/f d/g; cat d/g`}, "a\n", 0},
		{"test as a program", []string{"-c", `env test -e /proc && env [ 1 -lt 2 ] && env test ! -e /none && echo yes`}, "yes\n", 0},
		{"basic regular expressions", []string{"-c", `echo "10.0.0.1 dev eth0 lladdr 0a:1b REACHABLE" | sed -n 's/.*lladdr \([^ ]*\).*/\1/p'; echo "x" | sed -n s/y/z/p; echo aa | sed s/a/b/g`}, "0a:1b\nbb\n", 0},
		{"grep for a word", []string{"-c", `printf 'defaults\ndefault via\n' | grep -w default; echo a+b | grep -c 'a+b'`}, "default via\n1\n", 0},
		{"unknown options", []string{"-c", `ls --color 2>&1; cat -n /dev/null 2>&1; echo "$?"`}, "ls: unknown option --color\ncat: unknown option -n\n1\n", 0},
		{"dd", []string{"-c", `dd if=/dev/zero of=f bs=2k count=3; wc -c < f`}, "6144\n", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := NewWithT(t)
			out, problems, status := inBox(t, append([]string{"sh"}, test.args...)...)
			if want, contains := strings.CutPrefix(test.want, "contains "); contains {
				g.Expect(out).To(And(ContainSubstring(want), Not(ContainSubstring("a=1"))))
			} else {
				g.Expect(out).To(Equal(test.want), problems)
			}
			g.Expect(status).To(Equal(test.status), problems)
		})
	}
}

func TestShellEndsOnSignal(t *testing.T) {
	g := NewWithT(t)
	cmd := exec.CommandContext(t.Context(), filepath.Join(box(t), "sh"), "-c", "echo ready; while :; do :; done")
	out, err := cmd.StdoutPipe()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(cmd.Start()).To(Succeed())
	ready := make([]byte, 6)
	_, err = out.Read(ready)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(cmd.Process.Signal(syscall.SIGTERM)).To(Succeed())
	g.Expect(cmd.Wait()).To(HaveOccurred())
	g.Expect(cmd.ProcessState.ExitCode()).To(Equal(128 + int(syscall.SIGTERM)))
}

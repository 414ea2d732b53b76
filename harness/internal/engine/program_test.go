package engine

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// TestMain also is the process that TestAProgramEndsWithAKilledParent kills.
func TestMain(m *testing.M) {
	if os.Getenv("NOTEPROOF_TEST_PARENT") == "" {
		os.Exit(m.Run())
	}
	cmd := Program{Args: []string{"sh", "-c", "sleep 600; exit 0"}}.Command(context.Background())
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	defer EndWithParent(cmd)()
	fmt.Println(cmd.Process.Pid) // whose group is ended from now on
	_ = cmd.Wait()
}

func TestAProgramEndsWithAKilledParent(t *testing.T) {
	g := NewWithT(t)
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), "NOTEPROOF_TEST_PARENT=1")
	stdout, err := parent.StdoutPipe()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(parent.Start()).To(Succeed())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	g.Expect(err).NotTo(HaveOccurred())
	group, err := strconv.Atoi(strings.TrimSpace(line))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(syscall.Kill(-group, 0)).To(Succeed())
	g.Expect(parent.Process.Kill()).To(Succeed())
	_ = parent.Wait()
	g.Eventually(func() error { return syscall.Kill(-group, 0) }).WithTimeout(30 * time.Second).Should(MatchError(syscall.ESRCH))
}

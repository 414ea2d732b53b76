package probe

import (
	"math"
	"strings"
	"testing"
)

func finite(n float64) bool { return !math.IsNaN(n) && !math.IsInf(n, 0) }

func FuzzCurlAnswer(f *testing.F) {
	f.Add("web\n"+reportMark+"url=http://10.0.0.1:80/x status=200 resolved=0.1 connected=0.2", "", 0)
	f.Add(reportMark+"url=http://web status=000 resolved=0 connected=0", "curl: (6) Could not resolve host: web", 6)
	f.Add("", "curl: (28) Resolving timed out", 28)
	f.Add(reportMark+"url=:: status=x resolved=NaN connected=", "", -1)
	f.Fuzz(func(t *testing.T, stdout, stderr string, code int) {
		answer, err := CurlAnswer(Output{Stdout: stdout, Stderr: stderr, ExitCode: code})
		if err == nil && answer.Status != 0 && (code != 0 || !strings.Contains(stdout, reportMark)) {
			t.Errorf("of %q, %q and %d the answer is %+v", stdout, stderr, code, answer)
		}
		answers, err := readAnswers(Output{Stdout: stdout, Stderr: stderr, ExitCode: code}, 1)
		total := 0
		for _, n := range answers {
			total += n
		}
		if err == nil && (code != 0 || total == 0) {
			t.Errorf("of %q, %q and %d there are the answers %v", stdout, stderr, code, answers)
		}
	})
}

func FuzzProcFiles(f *testing.F) {
	for _, seed := range []string{
		"0.20 0.18 0.12 1/80 11206\n2\n", "20000 100000", "max 100000", "NaN 1", "1 NaN", "Inf Inf", "-5 100", "oom_kill 3", "uptime 12.5\nusage_usec 100\nnr_periods 5\nnr_throttled NaN\n",
		"22 1 0:2 / /cache rw - tmpfs tmpfs rw\n22 1 0:2 / /cache - \n", "nan nan nan 1/1 1\n1",
	} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		if load, err := loadPerCPU(after); err == nil && (!finite(load) || load < 0) {
			t.Errorf("%q is the load %g", after, load)
		}
		if quota, err := parseQuota(after); err == nil && (!finite(float64(quota)) || quota < 0) {
			t.Errorf("%q is the quota %g", after, float64(quota))
		}
		if kills, err := killsSince(before, after); err == nil && kills < 0 {
			t.Errorf("from %q to %q there were %d kills", before, after, kills)
		}
		window, err := cpuWindow(readCPUCounters(before), readCPUCounters(after))
		if err == nil && (!finite(window.Cores) || window.Cores < 0 || window.Length <= 0) {
			t.Errorf("from %q to %q the window is %+v", before, after, window)
		}
		if mount := mountAt("/cache", after); strings.ContainsAny(mount.Type, " \n") || mount.Type != "" && !strings.Contains(after, " - ") {
			t.Errorf("of %q the mount is %+v", after, mount)
		}
	})
}

func FuzzKubectlOutput(f *testing.F) {
	f.Add("No resources found", "", 0)
	f.Add("", "Error from server (NotFound): secrets \"a\" not found", 1)
	f.Add("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrIn0.c2ln", "Error: x eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrIn0.c2ln", 1)
	f.Fuzz(func(t *testing.T, stdout, stderr string, code int) {
		err := kubectlFailure(Output{Stdout: stdout, Stderr: stderr, ExitCode: code})
		if err != nil && jsonWebToken.MatchString(err.Error()) {
			t.Errorf("the error has a token: %v", err)
		}
		if err == nil && code != 0 && stderr == "" {
			t.Errorf("exit code %d without a reason is no failure", code)
		}
	})
}

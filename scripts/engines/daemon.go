//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

const (
	answerTimeout = time.Minute      // how long a daemon may take to answer
	stopTimeout   = 30 * time.Second // how long it may take to end
	pollInterval  = 200 * time.Millisecond
)

// daemon is a program that runs until it is stopped. Its output is in a file.
type daemon struct {
	cmd   *exec.Cmd
	log   string
	ended chan struct{}
}

// startDaemon starts a program in a process group of its own, so that Ctrl-C does not end it before the suite has cleaned up.
func startDaemon(dir string, env []string, program string, args ...string) (*daemon, error) {
	d := &daemon{cmd: exec.Command(program, args...), log: filepath.Join(dir, filepath.Base(program)+".log"), ended: make(chan struct{})}
	log, err := os.Create(d.log)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	defer log.Close() //nolint:errcheck // the daemon has it
	d.cmd.Env, d.cmd.Stdout, d.cmd.Stderr = append(os.Environ(), env...), log, log
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := d.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	go func() {
		_ = d.cmd.Wait() // stopped by a signal, it reports an error
		close(d.ended)
	}()
	return d, nil
}

// await waits until the daemon answers.
func (d *daemon) await(ctx context.Context, answers func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		err := answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-poll.C:
			continue
		case <-d.ended:
			err = errors.New("it ended")
		case <-ctx.Done():
			err = errors.Join(context.Cause(ctx), err)
		}
		text, _ := os.ReadFile(d.log)
		return fmt.Errorf("%s does not answer: %w; the end of its log:\n%s", d.cmd.Path, err, tail(string(text)))
	}
}

// stop ends the daemon, at once if it does not end by itself, and reports whether it had to.
func (d *daemon) stop() (killed bool) {
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	deadline := time.NewTimer(stopTimeout)
	defer deadline.Stop()
	select {
	case <-d.ended:
		return false
	case <-deadline.C:
		_ = d.cmd.Process.Kill()
		<-d.ended
		return true
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// burnerEnds is how long a burner may take to end after the signal. Then it is killed.
const burnerEnds = 5 * time.Second

// load is a set of child processes of this program that keep CPUs busy, the burners.
type load struct {
	cancel   context.CancelFunc
	burners  []*exec.Cmd
	released chan struct{} // closed when the thread that started the burners may end
	all      sync.WaitGroup
	mu       sync.Mutex
	early    []error // of burners that ended before they were stopped
}

// startLoad keeps a number of CPUs busy until ctx ends or stop is called. The caller must call stop. On Linux the burners do not
// outlive this process.
func startLoad(ctx context.Context, cores int) (*load, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program, to start burners: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	l := &load{cancel: cancel, released: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel kills the burners when the thread that started them ends, so the thread must last as long as the load.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		started <- l.start(ctx, self, cores)
		<-l.released
	}()
	if err := <-started; err != nil {
		_, stopErr := l.stop()
		return nil, errors.Join(err, stopErr)
	}
	return l, nil
}

func (l *load) start(ctx context.Context, self string, cores int) error {
	for range cores {
		burner := exec.CommandContext(ctx, self, burnCommand)
		burner.Env = append(os.Environ(), "GOMAXPROCS=1")
		burner.SysProcAttr = killWithParent()
		burner.Cancel = func() error { return burner.Process.Signal(syscall.SIGTERM) }
		burner.WaitDelay = burnerEnds
		if err := burner.Start(); err != nil {
			return fmt.Errorf("start a process that keeps a CPU busy: %w", err)
		}
		l.burners = append(l.burners, burner)
		l.all.Go(func() {
			_ = burner.Wait() // its state shows how it ended
			if ctx.Err() == nil {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.early = append(l.early, fmt.Errorf("process %d, which kept a CPU busy, ended before the run: %v", burner.Process.Pid, burner.ProcessState))
			}
		})
	}
	return nil
}

// stop stops the burners and waits until they have ended. It returns the CPU time that they used, and an error if one of them
// had ended before.
func (l *load) stop() (time.Duration, error) {
	l.cancel()
	l.all.Wait()
	close(l.released)
	var busy time.Duration
	for _, burner := range l.burners {
		busy += burner.ProcessState.UserTime() + burner.ProcessState.SystemTime()
	}
	return busy, errors.Join(l.early...)
}

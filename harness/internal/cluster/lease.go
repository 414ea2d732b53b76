package cluster

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/progress"
	"github.com/noteproof/noteproof/harness/internal/system"
)

// Labels of a lease's container.
const (
	leaseLabel   = "io.noteproof.lease" // the name that is leased
	ownerLabel   = "io.noteproof.owner" // user@host
	processLabel = "io.noteproof.process"
	sinceLabel   = "io.noteproof.since" // RFC 3339
)

const (
	// heartbeat is the interval of the heartbeats that keep a lease.
	heartbeat = 10 * time.Second
	// leaseStart is how long a lease's container may take to start.
	leaseStart = time.Minute
	// leaseEnd is how long it may take to end.
	leaseEnd = 10 * time.Second
	// leasePoll is the interval between attempts to acquire a lease that another process holds.
	leasePoll = time.Second
	// retryEvery is the interval between attempts to remove containers.
	retryEvery = 300 * time.Millisecond
)

// holdLease is what a lease's container runs in a node image: it ends when its standard input does, or when no heartbeat has come for two
// minutes.
const holdLease = "echo; while read -r -t 120; do :; done"

// lease is the exclusive right to a name in an engine, such as that of a cluster: a container whose name is derived from it, because an
// engine gives a name to one container only. It runs only as long as the process that holds the lease, and everybody who can see the
// engine's containers sees it, also as another user, on another machine or with another cache folder.
type lease struct {
	eng       *engine.Engine
	container string
	stdin     io.Closer
	ended     chan struct{} // closed when the engine's command has ended
}

// holder says who holds a lease, or keeps a cluster.
type holder struct {
	Owner   string
	Process string
	Since   string
}

func (h holder) String() string {
	return fmt.Sprintf("process %s of %s since %s", h.Process, h.Owner, h.Since)
}

// starting reports whether a container that says this, and does not run, may be about to.
func (h holder) starting() bool {
	since, err := time.Parse(time.RFC3339, h.Since)
	return err == nil && time.Since(since) < leaseStart
}

// self returns the holder that this process is.
func self() holder {
	return holder{Owner: system.Owner(), Process: strconv.Itoa(os.Getpid()), Since: time.Now().UTC().Format(time.RFC3339)}
}

// labels returns the arguments that label a container with its holder.
func (h holder) labels() []string {
	return []string{"--label", ownerLabel + "=" + h.Owner, "--label", processLabel + "=" + h.Process, "--label", sinceLabel + "=" + h.Since}
}

func parseHolder(labels map[string]string) holder {
	return holder{Owner: labels[ownerLabel], Process: labels[processLabel], Since: labels[sinceLabel]}
}

// acquire waits for the lease of a cluster's name and logs which process holds it. The engine must have the node image. The caller must
// release the lease.
func acquire(ctx context.Context, eng *engine.Engine, log *progress.Log, name, image string) (*lease, error) {
	l, by, err := tryAcquire(ctx, eng, name, image)
	if l != nil || err != nil {
		return l, err
	}
	step := log.Step("wait for the cluster %s, used by %s", name, by)
	err = wait.PollUntilContextCancel(ctx, leasePoll, false, func(ctx context.Context) (bool, error) {
		var err error
		l, by, err = tryAcquire(ctx, eng, name, image)
		return l != nil, err
	})
	if err != nil {
		err = fmt.Errorf("wait for the cluster %s, used by %s: %w", name, by, err)
	}
	return l, step.End(err)
}

// tryAcquire returns the lease of a name, or the process that holds it.
func tryAcquire(ctx context.Context, eng *engine.Engine, name, image string) (*lease, holder, error) {
	held, err := leases(ctx, eng)
	if by, is := held[name]; is || err != nil {
		return nil, by, err
	}
	var failed error
	for range 3 {
		l, err := startLease(ctx, eng, name, name+"-lease", "--network", "none", "--entrypoint", "bash", image, "-c", holdLease)
		if err == nil || ctx.Err() != nil {
			return l, holder{}, err
		}
		failed = err
		id, by, ended, err := leaseContainer(ctx, eng, name)
		if err != nil {
			return nil, holder{}, errors.Join(failed, err)
		}
		if id != "" && !ended { // another process was faster; its container may not run yet
			return nil, by, nil
		}
		if id != "" { // by its ID, since another process may have taken the name meanwhile
			if err := removeContainer(ctx, eng, id); err != nil {
				return nil, holder{}, errors.Join(failed, err)
			}
		}
	}
	return nil, holder{}, failed
}

// startLease starts a container that is the lease of a name, and returns once it runs. Its command must write a line, and end at the end
// of its standard input. args are further arguments of the engine's command run: options, image and command.
func startLease(ctx context.Context, eng *engine.Engine, name, container string, args ...string) (*lease, error) {
	all := append([]string{"run", "--rm", "--interactive", "--name", container, "--label", leaseLabel + "=" + name}, self().labels()...)
	// The lease outlives an interruption of the run, until everything is cleaned up: neither ctx nor a signal from the terminal ends it.
	cmd := eng.Command(context.WithoutCancel(ctx), append(all, args...)...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the container %s: %w", container, err)
	}
	l := &lease{eng: eng, container: container, stdin: stdin, ended: make(chan struct{})}
	runs := make(chan error, 1)
	go l.serve(cmd, stdin, stdout, runs)
	starting, cancel := context.WithTimeout(ctx, leaseStart)
	defer cancel()
	select {
	case err = <-runs:
		if err == nil {
			return l, nil
		}
		<-l.ended // then stderr is complete
		err = errors.New(engine.Tail(stderr.String(), tailLines))
	case <-starting.Done():
		err = context.Cause(starting)
	}
	return nil, errors.Join(fmt.Errorf("start the container %s, by which other runs see that %s is in use: %w", container, name, err), l.release())
}

// serve waits for the first line of the container's output, and then sends heartbeats until the command has ended.
func (l *lease) serve(cmd *exec.Cmd, stdin io.Writer, stdout io.Reader, runs chan<- error) {
	defer close(l.ended)
	output := bufio.NewReader(stdout)
	_, err := output.ReadString('\n')
	runs <- err
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(io.Discard, output)
	}()
	for {
		select {
		case <-done:
			_ = cmd.Wait() // the container may have been removed with force
			return
		case <-beat.C:
			_, _ = io.WriteString(stdin, "\n") // fails once the lease is released
		}
	}
}

// lost reports whether the lease has ended without release, so that another process may have acquired it since: this process was stopped
// for minutes, or the engine was restarted.
func (l *lease) lost() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// release ends the lease.
func (l *lease) release() error {
	_ = l.stdin.Close()
	ctx, cancel := context.WithTimeout(context.Background(), leaseEnd)
	defer cancel()
	select {
	case <-l.ended:
		return nil
	case <-ctx.Done():
		return removeContainer(context.Background(), l.eng, l.container)
	}
}

// removeContainer removes a container by force. It succeeds if the container does not exist.
func removeContainer(ctx context.Context, eng *engine.Engine, name string) error {
	ctx, cancel := context.WithTimeout(ctx, removeTimeout)
	defer cancel()
	_, err := eng.Run(ctx, "rm", "--force", "--volumes", name)
	if err != nil && strings.Contains(strings.ToLower(err.Error()), "no such container") {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove the container %s: %w", name, err)
	}
	return nil
}

// leases returns who holds the leases of the engine, by name.
func leases(ctx context.Context, eng *engine.Engine) (map[string]holder, error) {
	held := map[string]holder{}
	err := retryVanished(ctx, func() error {
		ids, err := eng.Run(ctx, "ps", "--quiet", "--no-trunc", "--filter", "label="+leaseLabel)
		if err != nil || ids == "" {
			return err
		}
		text, err := eng.Run(ctx, append([]string{"inspect", "--type", "container"}, strings.Fields(ids)...)...)
		if err == nil {
			held, err = parseLeases(text)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find out which clusters are in use: %w", err)
	}
	return held, nil
}

// leaseContainer returns the container that has the name of a lease, and who made it; no ID if there is none. It has ended if it does not run
// and is not about to, as the engine says or as its age shows.
func leaseContainer(ctx context.Context, eng *engine.Engine, name string) (id string, by holder, ended bool, err error) {
	var inspected []struct {
		ID     string
		State  struct{ Running bool }
		Config struct{ Labels map[string]string }
	}
	err = retryVanished(ctx, func() error {
		inspected = nil
		ids, err := eng.Run(ctx, "ps", "--all", "--quiet", "--no-trunc", "--filter", "label="+leaseLabel+"="+name)
		if err != nil || ids == "" {
			return err
		}
		text, err := eng.Run(ctx, append([]string{"inspect", "--type", "container"}, strings.Fields(ids)...)...)
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(text), &inspected)
	})
	if err != nil || len(inspected) == 0 {
		return "", holder{}, false, err
	}
	c := inspected[0]
	by = parseHolder(c.Config.Labels)
	return c.ID, by, !c.State.Running && !by.starting(), nil
}

// parseLeases parses the output of `inspect` on the running containers of leases.
func parseLeases(text string) (map[string]holder, error) {
	var inspected []struct {
		Config struct{ Labels map[string]string }
	}
	if err := json.Unmarshal([]byte(text), &inspected); err != nil {
		return nil, fmt.Errorf("parse the engine's output on containers: %w", err)
	}
	held := map[string]holder{}
	for _, c := range inspected {
		if name := c.Config.Labels[leaseLabel]; name != "" {
			held[name] = parseHolder(c.Config.Labels)
		}
	}
	return held, nil
}

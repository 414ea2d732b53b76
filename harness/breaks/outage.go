package breaks

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// APIServerRefuses makes the API server's port refuse all connections, including open ones, as if its process had ended. The
// process keeps running. Its kubelet restarts it after 80 s, when 8 liveness probes have failed.
func APIServerRefuses() Disturbance {
	const table = "noteproof-outage"
	const refuse = `nft -f - <<END
table inet $1 {
	chain input { type filter hook input priority -300; policy accept; tcp dport 6443 reject with tcp reset; }
	chain output { type filter hook output priority -300; policy accept; tcp sport 6443 tcp flags & rst == 0 reject with tcp reset; }
}
END`
	return disturbance("api-server-refuses", "makes the API server's port refuse every connection", func(ctx context.Context, c *change) error {
		node, err := c.controlPlane(ctx)
		if err != nil {
			return err
		}
		c.onUndo(func(ctx context.Context) error {
			const accept = `if nft list table inet "$1" >/dev/null 2>&1; then nft delete table inet "$1"; fi`
			_, err := c.script(ctx, node, accept, table)
			return err
		})
		if _, err := c.script(ctx, node, refuse, table); err != nil {
			return err
		}
		return c.awaitSilence(ctx)
	})
}

// awaitSilence waits until the API server does not answer.
func (c *change) awaitSilence(ctx context.Context) error {
	return await(ctx, "the API server does not answer", unitWithin, func(ctx context.Context) (string, error) {
		const short = time.Second
		asking, cancel := context.WithTimeout(ctx, short)
		defer cancel()
		if c.apiServerReady(asking) == nil {
			return "it answers", nil
		}
		return "", ctx.Err()
	})
}

// APIServerHangs stops the API server's process with SIGSTOP, so that connections are accepted but requests get no answer.
func APIServerHangs() Disturbance {
	return hang("api-server-hangs", "stops the API server's process, so that connections are accepted but requests get no answer", apiServer)
}

// SchedulerHangs stops the scheduler's process with SIGSTOP. There is no other leader, so no Pod is scheduled.
func SchedulerHangs() Disturbance {
	return hang("scheduler-hangs", "stops the scheduler's process", scheduler)
}

// ControllerManagerHangs stops the controller manager's process with SIGSTOP. There is no other leader, so no controller of
// Kubernetes works. When the process continues, it ends because it has lost its Lease, and its kubelet starts it again.
func ControllerManagerHangs() Disturbance {
	return hang("controller-manager-hangs", "stops the controller manager's process", controllerManager)
}

// hang stops the process of a component of the control plane with SIGSTOP. Undo continues it.
func hang(name, does, component string) Disturbance {
	return disturbance(name, does, func(ctx context.Context, c *change) error {
		node, err := c.controlPlane(ctx)
		if err != nil {
			return err
		}
		running, err := c.processes(ctx, node, component)
		if err != nil {
			return err
		}
		if len(running) != 1 {
			return fmt.Errorf("stop %s on %s: %d processes run", component, node, len(running))
		}
		err = c.start(ctx, node, unit{
			name:   "noteproof-" + name,
			script: fmt.Sprintf("kill -STOP %d; exec sleep infinity", running[0].pid),
			after:  fmt.Sprintf("kill -CONT %d || :", running[0].pid),
		})
		if err != nil {
			return err
		}
		return c.awaitStopped(ctx, node, component)
	})
}

// awaitStopped waits until a process of a component is stopped.
func (c *change) awaitStopped(ctx context.Context, node, component string) error {
	return await(ctx, component+" on "+node+" is stopped", unitWithin, func(ctx context.Context) (string, error) {
		running, err := c.processes(ctx, node, component)
		if err != nil {
			return "", err
		}
		if !slices.ContainsFunc(running, func(p process) bool { return p.state == "T" }) {
			return fmt.Sprintf("%d processes run", len(running)), nil
		}
		return "", nil
	})
}

// APIServerRestarts removes the API server's manifest, so that its kubelet ends it. Undo restores the manifest. Each takes about
// half a minute.
func APIServerRestarts() Disturbance {
	const aside = "/etc/kubernetes/.noteproof-kube-apiserver.yaml"
	return disturbance("api-server-restarts", "takes the API server's manifest away", func(ctx context.Context, c *change) error {
		node, err := c.controlPlane(ctx)
		if err != nil {
			return err
		}
		c.onUndo(func(ctx context.Context) error {
			const restore = `if [ -e "$1" ]; then mv "$1" "$2"; fi`
			if _, err := c.script(ctx, node, restore, aside, manifestPath(apiServer)); err != nil {
				return err
			}
			text, err := c.run(ctx, node, "cat", manifestPath(apiServer))
			if err != nil {
				return err
			}
			return c.replaceStaticPod(ctx, node, apiServer, text)
		})
		if _, err := c.run(ctx, node, "mv", manifestPath(apiServer), aside); err != nil {
			return err
		}
		return await(ctx, "the API server has ended", componentWithin, func(ctx context.Context) (string, error) {
			running, err := c.processes(ctx, node, apiServer)
			if err != nil || len(running) == 0 {
				return "", err
			}
			return "it runs", nil
		})
	})
}

// SlowEtcd lets etcd run only for a fifth of the time, for 100 ms at a time, so that reads and writes take up to 0.4 s longer.
func SlowEtcd() Disturbance {
	const turns = `while :; do
  pid=$(pgrep -x etcd)
  kill -STOP $pid; sleep 0.4
  kill -CONT $pid; sleep 0.1
done`
	return disturbance("slow-etcd", "lets etcd run for a fifth of the time only", func(ctx context.Context, c *change) error {
		node, err := c.controlPlane(ctx)
		if err != nil {
			return err
		}
		err = c.start(ctx, node, unit{name: "noteproof-slow-etcd", script: turns, after: "kill -CONT $(pgrep -x etcd) || :"})
		if err != nil {
			return err
		}
		return c.awaitStopped(ctx, node, etcd)
	})
}

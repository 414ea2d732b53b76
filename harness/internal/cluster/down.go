package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// keptLabel marks the container by which a cluster is kept for the next run. It is never started.
const keptLabel = "io.noteproof.kept"

// The values of keptLabel.
const (
	forReuse   = "for-reuse"
	forLooking = "for-looking"
)

// Down removes the cluster and waits until its containers and volumes are gone. It also removes the kubeconfig, and the
// network if it is ours and no other cluster uses it. Pass a context that outlives the run's. Down does nothing to an adopted cluster.
func (c *Cluster) Down(ctx context.Context) error {
	if c.adopted {
		return nil
	}
	if c.lease.lost() {
		return c.errLost()
	}
	step := c.log.Step("delete the cluster %s", c.spec.Name)
	err := errors.Join(c.remove(ctx), c.lease.release())
	_, networkErr := c.network.remove(ctx)
	return step.End(errors.Join(err, networkErr))
}

// Keep leaves the cluster to the next run and releases its name; if it is not reusable, it is there only to be looked at. A cluster that
// another user kept stays theirs. Keep does nothing to an adopted cluster.
func (c *Cluster) Keep(ctx context.Context, reusable bool) error {
	if c.adopted {
		return nil
	}
	if c.lease.lost() {
		return c.errLost()
	}
	by := self()
	if c.keptBy != nil {
		by = *c.keptBy
	}
	mark := forReuse
	if !reusable {
		mark = forLooking
	}
	args := append([]string{"create", "--name", c.keptName(), "--network", "none", "--label", keptLabel + "=" + mark, "--label", Label + "=" + c.spec.Name}, by.labels()...)
	_, err := c.eng.Run(ctx, append(args, "--entrypoint", "true", c.spec.Image.Ref)...)
	if err != nil {
		err = fmt.Errorf("keep the cluster %s for the next run: %w", c.spec.Name, err)
	}
	return errors.Join(err, c.lease.release())
}

// CollectLogs writes the logs of the nodes, of their containers and of the kubelets to a folder, as `kind export logs` does.
func (c *Cluster) CollectLogs(ctx context.Context, dir string) error {
	done := make(chan error, 1)
	go func() { done <- provider(c.eng, nil).CollectLogs(c.spec.Name, dir) }()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("collect the logs of the nodes: %w", explain(err))
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("collect the logs of the nodes: %w", context.Cause(ctx))
	}
}

// KeptByOther returns who kept the cluster before this run, if it was another user; empty otherwise.
func (c *Cluster) KeptByOther() string {
	if c.keptBy == nil || c.keptBy.Owner == self().Owner {
		return ""
	}
	return c.keptBy.Owner
}

// errLost says that the cluster may be another run's by now.
func (c *Cluster) errLost() error {
	return fmt.Errorf("the cluster %s is left as it is: for minutes nothing showed that this run uses it, since the process was stopped or %s restarted, "+
		"so another run may use it by now; the next run removes it if not", c.spec.Name, c.eng.Name())
}

func (c *Cluster) keptName() string { return c.spec.Name + "-kept" }

// undo removes the parts of a cluster whose creation failed, even when the run's context has ended.
func (c *Cluster) undo(ctx context.Context) error {
	if c.lease.lost() {
		return c.errLost()
	}
	cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	return c.remove(cleaning)
}

func (c *Cluster) remove(ctx context.Context) error {
	if err := removeContainers(ctx, c.eng, c.spec.Name); err != nil {
		return err
	}
	return removeKubeconfig(c.spec.Kubeconfig)
}

// removeKubeconfig removes a kubeconfig and kind's lock of it, which kind does not remove when it is killed.
func removeKubeconfig(path string) error {
	for _, file := range []string{path, path + ".lock"} {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the kubeconfig: %w", err)
		}
	}
	return nil
}

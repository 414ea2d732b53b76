package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	kindcluster "sigs.k8s.io/kind/pkg/cluster"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

// Cluster is a cluster that was ready when it was handed out.
type Cluster struct {
	spec    Spec
	context string // the kubeconfig's context; empty means its current one
	reused  bool
	adopted bool
	taken   []container // the nodes of an adopted cluster, after TakeNodes

	// These are nil for an adopted cluster, but eng after TakeNodes.
	eng     *engine.Engine
	log     *progress.Log
	lease   *lease
	network *network
	adapted []evidence.Adaptation
}

// Up returns the cluster that is wanted, ready: one that is there already if spec allows it and it is the right one, else
// a new one, in whose place nothing else is left. It waits for a run that uses the name, and says so. The caller ends
// with Down or with Keep. After an error, or when ctx ends before Up does, nothing is left.
func Up(ctx context.Context, eng *engine.Engine, log *progress.Log, spec Spec) (*Cluster, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	dir, err := stateDir()
	if err != nil {
		return nil, err
	}
	if err := eng.Activate(); err != nil {
		return nil, err
	}
	if err := haveImages(ctx, eng, spec.Images); err != nil {
		return nil, err
	}
	held, err := take(ctx, log, dir, spec.Name)
	if err != nil {
		return nil, err
	}
	c := &Cluster{spec: spec, eng: eng, log: log, lease: held, network: newNetwork(eng, dir)}
	_, c.adapted = kindConfig(spec, eng.Host())
	if err := c.reuseOrCreate(ctx); err != nil {
		return nil, errors.Join(err, held.release())
	}
	return c, nil
}

func (c *Cluster) reuseOrCreate(ctx context.Context) error {
	there, err := containers(ctx, c.eng, c.spec.Name)
	if err != nil {
		return err
	}
	if len(there) > 0 && c.spec.Reuse {
		step := c.log.Step("check whether the cluster %s can be used again", c.spec.Name)
		unfit := c.reuse(ctx, there)
		if step.End(unfit) == nil {
			c.reused = true
			return c.lease.tell(inUse, c.spec.Kubeconfig)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if len(there) > 0 {
		step := c.log.Step("delete the cluster %s that is there", c.spec.Name)
		if err := step.End(removeContainers(ctx, c.eng, c.spec.Name)); err != nil {
			return err
		}
	}
	return c.create(ctx)
}

// create makes the cluster step by step. When a step fails, all of it is removed.
func (c *Cluster) create(ctx context.Context) (err error) {
	began := time.Now()
	if _, err := imageID(ctx, c.eng, c.spec.Image.Ref); err != nil {
		return err
	}
	if err := c.eng.Prepare(c.spec.nodes()); err != nil {
		return err
	}
	if err := c.lease.tell(making, c.spec.Kubeconfig); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("create the cluster %s: %w", c.spec.Name, err), c.undo(ctx))
		}
	}()
	if err := c.runKind(ctx); err != nil {
		return err
	}
	if err := os.Chmod(c.spec.Kubeconfig, 0o600); err != nil {
		return fmt.Errorf("keep the kubeconfig to ourselves: %w", err)
	}
	if err := c.loadAndWait(ctx); err != nil {
		return err
	}
	if err := c.rightVersion(); err != nil {
		return err
	}
	c.log.Say("✓  the cluster %s is ready: Kubernetes %s, %d nodes (%s)",
		c.spec.Name, c.spec.Version, c.spec.nodes(), time.Since(began).Round(100*time.Millisecond))
	return c.lease.tell(inUse, c.spec.Kubeconfig)
}

// runKind creates nodes that have joined each other, by kind's library.
func (c *Cluster) runKind(ctx context.Context) error {
	config, _ := kindConfig(c.spec, c.eng.Host())
	if err := c.freshKubeconfig(); err != nil {
		return err
	}
	if err := c.network.hold(ctx); err != nil {
		return err
	}
	create := func() error {
		return provider(c.eng, c.log).Create(c.spec.Name,
			kindcluster.CreateWithV1Alpha4Config(config),
			kindcluster.CreateWithNodeImage(c.spec.Image.Ref),
			kindcluster.CreateWithKubeconfigPath(c.spec.Kubeconfig),
			kindcluster.CreateWithWaitForReady(0),
			// What failed is looked at before it is removed.
			kindcluster.CreateWithRetain(true),
		)
	}
	err := untilCancelled(ctx, create, func(ctx context.Context) error { return removeContainers(ctx, c.eng, c.spec.Name) })
	settled := c.network.settle(context.WithoutCancel(ctx))
	if err != nil {
		return errors.Join(explain(err), c.kubeletLog(ctx), settled)
	}
	return settled
}

// kubeletLog is the end of the control plane's kubelet log as an error; nil when it cannot be had.
func (c *Cluster) kubeletLog(ctx context.Context) error {
	text, err := c.eng.Run(ctx, "exec", c.spec.Name+"-control-plane", "journalctl", "--no-pager", "--unit=kubelet", "--lines=12", "--output=cat")
	if err != nil || text == "" {
		return nil
	}
	return fmt.Errorf("the control plane's kubelet said last:\n%s", text)
}

// loadAndWait brings the workload image to the nodes while the cluster gets ready.
func (c *Cluster) loadAndWait(ctx context.Context) error {
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error { return c.loadImages(ctx) })
	both.Go(func() error {
		step := c.log.Step("wait until the cluster is ready")
		return step.End(c.awaitReady(ctx, readyWithin))
	})
	return both.Wait()
}

// freshKubeconfig makes the kubeconfig's folder and removes the file of an earlier run.
func (c *Cluster) freshKubeconfig() error {
	if err := os.MkdirAll(filepath.Dir(c.spec.Kubeconfig), 0o755); err != nil {
		return fmt.Errorf("make the kubeconfig's folder: %w", err)
	}
	if err := os.Remove(c.spec.Kubeconfig); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the kubeconfig of an earlier run: %w", err)
	}
	return nil
}

// writeKubeconfig asks a node for the administrator's kubeconfig.
func (c *Cluster) writeKubeconfig() error {
	text, err := provider(c.eng, c.log).KubeConfig(c.spec.Name, false)
	if err != nil {
		return fmt.Errorf("get the kubeconfig from the control plane: %w", explain(err))
	}
	if err := c.freshKubeconfig(); err != nil {
		return err
	}
	if err := os.WriteFile(c.spec.Kubeconfig, []byte(text), 0o600); err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	return nil
}

// Name is the cluster's; for an adopted one, that of the kubeconfig's context.
func (c *Cluster) Name() string { return c.spec.Name }

// Reused says whether the cluster was there before.
func (c *Cluster) Reused() bool { return c.reused || c.adopted }

// Kubeconfig is the path of the file by which the cluster is reached.
func (c *Cluster) Kubeconfig() string { return c.spec.Kubeconfig }

// Context is the context of that file; empty means its current one.
func (c *Cluster) Context() string { return c.context }

// RESTConfig makes a configuration for clients. It is not throttled on our side: probes ask often.
func (c *Cluster) RESTConfig() (*rest.Config, error) {
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		loadingRules(c.spec.Kubeconfig),
		&clientcmd.ConfigOverrides{CurrentContext: c.context},
	).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig %s: %w", c.spec.Kubeconfig, err)
	}
	config.QPS = -1
	config.UserAgent = "noteproof"
	config.WarningHandler = rest.NoWarnings{} // a manifest may do on purpose what the server warns of
	return config, nil
}

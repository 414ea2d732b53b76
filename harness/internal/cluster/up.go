package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/flowcontrol"
	kindcluster "sigs.k8s.io/kind/pkg/cluster"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

// Cluster is a cluster that was ready when Up or Adopt returned it.
type Cluster struct {
	spec    Spec
	context string // the kubeconfig's context; empty means its current one
	reused  bool
	adopted bool
	pace    flowcontrol.RateLimiter // of requests to an adopted cluster
	taken   []container             // the nodes of an adopted cluster, after TakeNodes
	stopped sync.Map                // what the cluster lacked, a []string, when the node with this name was stopped

	// These are nil for an adopted cluster, except that TakeNodes sets eng.
	eng     *engine.Engine
	log     *progress.Log
	lease   *lease
	network *network
	keptBy  *holder // who kept it before this run; nil if nobody did
	adapted []evidence.Adaptation
}

// Up returns a ready cluster that matches spec. It reuses an existing one if spec allows that and it matches; otherwise it
// removes the existing one and creates a new one, whose name is another if the existing one is kept by another user. If another run uses the
// name, Up waits for it and logs that. The caller must call Down or Keep. Up leaves nothing behind if creating the cluster fails or ctx ends
// meanwhile.
func Up(ctx context.Context, eng *engine.Engine, log *progress.Log, spec Spec) (*Cluster, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	if err := eng.Activate(); err != nil {
		return nil, err
	}
	if err := pullImages(ctx, eng, spec.Images); err != nil {
		return nil, err
	}
	c, err := up(ctx, eng, log, spec)
	if errors.Is(err, errKept) {
		return up(ctx, eng, log, spec.ownName())
	}
	return c, err
}

func up(ctx context.Context, eng *engine.Engine, log *progress.Log, spec Spec) (*Cluster, error) {
	held, err := acquire(ctx, eng, log, spec.Name, spec.Image.Ref)
	if err != nil {
		return nil, err
	}
	c := &Cluster{spec: spec, eng: eng, log: log, lease: held, network: newNetwork(eng)}
	_, c.adapted = kindConfig(spec, eng.Host())
	c.adapted = append(c.adapted, proxyAdaptation(eng.Name())...)
	if err := c.reuseOrCreate(ctx); err != nil {
		err = errors.Join(err, held.release())
		cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
		defer cancel()
		_, networkErr := c.network.remove(cleaning)
		return nil, errors.Join(err, networkErr)
	}
	return c, nil
}

// errKept is the error for a cluster that another user keeps and that cannot be reused.
var errKept = errors.New("another user keeps the cluster of this name")

func (c *Cluster) reuseOrCreate(ctx context.Context) error {
	existing, err := containers(ctx, c.eng, c.spec.Name)
	if err != nil {
		return err
	}
	if len(existing) > 0 && c.spec.Reuse {
		step := c.log.Step("check whether the cluster %s can be reused", c.spec.Name)
		wanted := c.spec
		c.spec = c.spec.like(existing)
		unfit := c.reuse(ctx, existing)
		if step.End(unfit) == nil {
			c.reused, c.keptBy = true, &keptMark(existing).holder
			return removeContainer(ctx, c.eng, c.keptName())
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		c.spec = wanted
	}
	if mark := keptMark(existing); mark != nil && mark.holder.Owner != self().Owner && whyLeftOver(existing) == "" {
		c.log.Say("   %s keeps the cluster %s, so this run has one of another name", mark.holder.Owner, c.spec.Name)
		return errKept
	}
	if len(existing) > 0 {
		step := c.log.Step("delete the existing cluster %s", c.spec.Name)
		if err := step.End(removeContainers(ctx, c.eng, c.spec.Name)); err != nil {
			return err
		}
	}
	return c.create(ctx)
}

// create creates the cluster step by step. When a step fails, it removes everything that it created.
func (c *Cluster) create(ctx context.Context) (err error) {
	began := time.Now()
	if _, err := imageID(ctx, c.eng, c.spec.Image.Ref); err != nil {
		return err
	}
	if err := c.eng.Prepare(c.spec.nodes()); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("create the cluster %s: %w", c.spec.Name, err), c.undo(ctx))
		}
	}()
	prepared := make(chan struct{})
	loaded := c.loadEarly(ctx, prepared)
	err = c.runKind(ctx, sync.OnceFunc(func() { close(prepared) }))
	loaded(err)
	if err != nil {
		return err
	}
	if err := os.Chmod(c.spec.Kubeconfig, 0o600); err != nil {
		return fmt.Errorf("restrict access to the kubeconfig: %w", err)
	}
	if err := c.checkKernel(ctx); err != nil {
		return err
	}
	if err := c.applyManifests(ctx); err != nil {
		return err
	}
	if err := c.loadAndWait(ctx); err != nil {
		return err
	}
	if err := c.checkVersion(); err != nil {
		return err
	}
	if err := c.checkProxyMode(ctx); err != nil {
		return err
	}
	c.log.Say("✓  the cluster %s is ready: Kubernetes %s, %d nodes (%s)",
		c.spec.Name, c.spec.Version, c.spec.nodes(), time.Since(began).Round(100*time.Millisecond))
	return nil
}

// loadEarly loads the images onto the nodes as soon as these are prepared, while Kubernetes starts on them, which leaves processors
// idle. The function that it returns ends that when kind has ended. What could not be loaded is loaded later, with an error if it fails
// again.
func (c *Cluster) loadEarly(ctx context.Context, prepared <-chan struct{}) (kindEnded func(error)) {
	ctx, cancel := context.WithCancel(ctx)
	var loading sync.WaitGroup
	loading.Go(func() {
		select {
		case <-prepared:
			_ = c.loadImages(ctx)
		case <-ctx.Done():
		}
	})
	return func(err error) {
		select {
		case <-prepared:
		default:
			cancel()
		}
		if err != nil {
			cancel()
		}
		loading.Wait()
		cancel()
	}
}

// runKind creates the nodes and joins them into a cluster, with kind's library. It calls prepared when the nodes are up.
func (c *Cluster) runKind(ctx context.Context, prepared func()) error {
	config, _ := kindConfig(c.spec, c.eng.Host())
	if err := c.clearKubeconfig(); err != nil {
		return err
	}
	if err := c.network.prepare(ctx); err != nil {
		return err
	}
	create := func() error {
		return loggingProvider(c.eng, &kindLogger{log: c.log, prepared: prepared}).Create(c.spec.Name,
			kindcluster.CreateWithV1Alpha4Config(config),
			kindcluster.CreateWithNodeImage(c.spec.Image.Ref),
			kindcluster.CreateWithKubeconfigPath(c.spec.Kubeconfig),
			kindcluster.CreateWithWaitForReady(0),
			// After a failure, kubeletLog reads from the nodes before they are removed.
			kindcluster.CreateWithRetain(true),
		)
	}
	err := withoutProxy(c.eng.Name(), func() error {
		stop := func(ctx context.Context) error {
			_, err := stopContainers(ctx, c.eng, c.spec.Name)
			return err
		}
		return untilCancelled(ctx, create, stop, func(ctx context.Context) error { return removeContainers(ctx, c.eng, c.spec.Name) })
	})
	if err != nil {
		return errors.Join(explain(err), c.kubeletLog(ctx))
	}
	return nil
}

// kubeletLog returns the end of the control plane's kubelet log as an error, or nil if it is not available.
func (c *Cluster) kubeletLog(ctx context.Context) error {
	text, err := c.eng.Run(ctx, "exec", c.spec.Name+"-control-plane", "journalctl", "--no-pager", "--unit=kubelet", "--lines=12", "--output=cat")
	if err != nil || text == "" {
		return nil
	}
	return fmt.Errorf("end of the log of the control plane's kubelet:\n%s", text)
}

// loadAndWait loads the images onto the nodes while it waits until the cluster is ready.
func (c *Cluster) loadAndWait(ctx context.Context) error {
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error { return c.loadImages(ctx) })
	both.Go(func() error {
		step := c.log.Step("wait until the cluster is ready")
		return step.End(c.awaitReady(ctx, readyTimeout))
	})
	return both.Wait()
}

// clearKubeconfig creates the kubeconfig's folder and removes the file of an earlier run.
func (c *Cluster) clearKubeconfig() error {
	if err := os.MkdirAll(filepath.Dir(c.spec.Kubeconfig), 0o755); err != nil {
		return fmt.Errorf("create the kubeconfig's folder: %w", err)
	}
	return removeKubeconfig(c.spec.Kubeconfig)
}

// writeKubeconfig writes the administrator's kubeconfig, which it reads from the control plane.
func (c *Cluster) writeKubeconfig() error {
	text, err := provider(c.eng, c.log).KubeConfig(c.spec.Name, false)
	if err != nil {
		return fmt.Errorf("get the kubeconfig from the control plane: %w", explain(err))
	}
	if err := c.clearKubeconfig(); err != nil {
		return err
	}
	if err := os.WriteFile(c.spec.Kubeconfig, []byte(text), 0o600); err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	return nil
}

// Name returns the cluster's name. For an adopted cluster it is the name of the kubeconfig's context.
func (c *Cluster) Name() string { return c.spec.Name }

// Reused reports whether the cluster existed before this run.
func (c *Cluster) Reused() bool { return c.reused || c.adopted }

// Kubeconfig returns the path of the cluster's kubeconfig. For an adopted cluster it may be a list of paths.
func (c *Cluster) Kubeconfig() string { return c.spec.Kubeconfig }

// Context returns the kubeconfig's context that selects the cluster. Empty means its current context.
func (c *Cluster) Context() string { return c.context }

// RESTConfig returns a client configuration. On a cluster of ours it is without client-side throttling, because probes send many requests.
// Those to an adopted cluster are paced, over all its clients. It makes the secrets of the kubeconfig known to package secret.
func (c *Cluster) RESTConfig() (*rest.Config, error) {
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		loadingRules(c.spec.Kubeconfig),
		&clientcmd.ConfigOverrides{CurrentContext: c.context},
	)
	if whole, err := loader.RawConfig(); err == nil {
		knowSecrets(whole)
	}
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig %s: %w", c.spec.Kubeconfig, err)
	}
	config.QPS = -1
	if c.pace != nil {
		config.Wrap(paced(c.pace))
	}
	config.UserAgent = "noteproof"
	config.WarningHandler = rest.NoWarnings{} // a manifest may use deprecated features on purpose
	return config, nil
}

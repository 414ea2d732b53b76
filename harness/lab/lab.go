package lab

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/e2e-framework/pkg/env"
	"sigs.k8s.io/e2e-framework/pkg/envconf"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/progress"
	"github.com/noteproof/noteproof/harness/internal/secret"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/suite"
)

// WorkloadImage is the name of the workload image on a cluster that the run creates. Manifests call it "agnhost".
const WorkloadImage = nodeimage.WorkloadImage

// Lab is a suite and the cluster that it runs on. A test package has one: TestMain calls Main, its only test calls Run.
type Lab struct {
	suite    suite.Suite
	options  Options
	settings settings
	log      *progress.Log
	config   *envconf.Config
	env      env.Environment
	// id is short and unique, so that two runs on one cluster use different namespaces.
	id string
	// wanted is the version that was asked for, with its patch as soon as that is known; empty on an existing cluster.
	wanted   string
	setting  claim.Setting     // what the expected truths depend on
	kubelets []claim.Version   // of the nodes, as far as they are known
	previous evidence.Previous // the last answers of earlier runs
	run      *evidence.RunDir  // nil until the record is open
	recorder *evidence.Recorder
	entries  map[string]*evidence.Claim // by claim ID
	cluster  *acquired
	monitor  *monitor // nil until there is a cluster
	rest     *rest.Config
	props    stage.Props
	spare    string           // the spare worker; empty if there is none, or not known yet
	before   *stage.Inventory // the objects on the cluster before the run; nil until they are listed
	// hanging is why namespaces of an existing cluster do not go completely; empty if they do.
	hanging string
	// unusable is why no claim can run on an existing cluster, and noPods why no claim with Pods can; empty if they can.
	unusable, noPods string
	imageDigest      string                // of the workload image on an existing cluster; empty if no Pod has started
	adaptations      []evidence.Adaptation // to an existing cluster
	added            verdict.Additions     // what it adds to all namespaces and Pods
	surveyed         chan struct{}         // closed when the namespace of the survey is not needed any more
	closing          sync.WaitGroup        // what removes it
	notClosed        error                 // why it could not be removed
	// lacks contains the reason for each need that the cluster does not meet.
	lacks    map[claim.Need]string
	balancer *balancer
	// uninstallBalancer removes the load balancer plugin if this run has installed it, and returns the same error each time.
	uninstallBalancer func() error
	disturbance       disturbances
	// setUp acquires the cluster, when the first scenario is about to run, and returns the same error each time. ready is closed
	// when it has ended.
	setUp func() error
	ready chan struct{}
	// unwatch stops the heartbeat; nil until it runs.
	unwatch func()
	// ctx ends when the run is interrupted. cleaning is the context of everything that is removed from the cluster.
	ctx, cleaning context.Context
	// testLimit is when go test ends this process; zero if it does not.
	testLimit time.Time

	mu       sync.Mutex
	running  map[string]time.Time
	done     int
	failures []error // what fails the run beside its claims
	unkept   error   // why the record or the reports could not be written
}

// New returns the lab of a suite. Main starts the run.
func New(suite suite.Suite) *Lab { return NewWithOptions(suite, Options{}) }

// NewWithOptions does what New does, with defaults for environment variables that are not set.
func NewWithOptions(suite suite.Suite, options Options) *Lab {
	return &Lab{
		suite: suite, options: options, entries: map[string]*evidence.Claim{}, lacks: map[claim.Need]string{}, balancer: newBalancer(),
		ready: make(chan struct{}), surveyed: make(chan struct{}), running: map[string]time.Time{},
	}
}

// Main runs the package's tests and returns the exit status of the test process. It checks the suite; when the first scenario
// is about to run it creates or adopts a cluster; after the tests it writes the reports and deletes a cluster that it created.
// It takes the flags of e2e-framework and the environment variables that README.md lists.
func (l *Lab) Main(m *testing.M) int {
	secret.Know(secret.InEnvironment(os.Environ())...)
	l.log = progress.New(progress.Terminal())
	listing := listingFlags(flag.CommandLine)
	ctx, stop := interruptible(l.log)
	defer stop()
	err := l.prepare(ctx)
	if listing.ofAll() && errors.Is(err, errNothingDone) {
		err = nil
	}
	switch {
	case listing.asked() && (err == nil || *listing.notes || listing.describes() && errors.Is(err, errDisagree)):
		err = errors.Join(err, l.list(listing))
	case err == nil:
		if stale := l.checkCatalogue(); stale != nil {
			l.log.Say("!  %v", stale)
		}
	}
	switch {
	case errors.Is(err, errNothingDone) && l.settings.recordTo != "": // the command noteproof may run other suites, too
		l.log.Say("–  %v", err)
		return 0
	case err != nil:
		fmt.Fprintln(os.Stderr, secret.Mask(err.Error())) // go test prints it with the failed package
		return 1
	case listing.asked():
		return 0
	case l.onlyLists():
		if l.config.DryRunMode() {
			l.log.Say("   dry run: no scenario runs and there are no verdicts, even if go test prints ok")
		}
		return m.Run()
	}
	code := l.env.Run(m)
	if l.unkept != nil {
		code = max(code, 1)
	}
	if l.recorder != nil {
		l.recorder.Read(func(r *evidence.Record) {
			// The tests judge a sabotage, and the command that runs all disturbances judges a disturbance.
			if r.Failure != "" || r.Failed() && !l.settings.sabotage && r.Disturbance == nil {
				code = max(code, 1)
			}
		})
	}
	return code
}

var errDisagree = errors.New("the claims, the notes and the manifests do not agree")

func (l *Lab) prepare(ctx context.Context) error {
	var err error
	if l.config, err = envconf.NewFromFlags(); err != nil {
		return fmt.Errorf("read the flags: %w", err)
	}
	root, _, err := moduleRoot()
	if err != nil {
		return err
	}
	if l.settings, err = readSettings(l.options.within(root).over(os.Getenv)); err != nil {
		return err
	}
	for _, notice := range l.settings.notices {
		l.log.Say("!  %s", notice)
	}
	if l.config.KubeconfigFile() != "" {
		l.settings.kubeconfig = environ.AbsoluteList(l.settings.workingDir, l.config.KubeconfigFile())
	}
	if err := environ.Kubeconfig(l.settings.kubeconfig); err != nil {
		return err
	}
	if err := l.suite.Check(); err != nil {
		return fmt.Errorf("%w:\n%w", errDisagree, errors.Join(err, l.checkTables()))
	}
	if err := l.chooseVariant(); err != nil {
		return err
	}
	if err := l.chooseDisturbance(); err != nil {
		return err
	}
	if len(l.chosen()) == 0 {
		return l.noneChosen()
	}
	l.id = rand.String(5)
	l.ctx = ctx
	l.cleaning = cleaningContext(ctx, l.settings.kubeconfig != "")
	if l.env, err = env.NewWithContext(ctx, l.config); err != nil {
		return fmt.Errorf("create the test environment: %w", err)
	}
	l.setUp = sync.OnceValue(func() error {
		defer close(l.ready)
		return l.setup(ctx)
	})
	l.uninstallBalancer = sync.OnceValue(func() error {
		ctx, cancel := context.WithTimeout(l.cleaning, finishWithin)
		defer cancel()
		return l.balancer.uninstall(ctx)
	})
	l.env.Finish(l.finish)
	return nil
}

// onlyLists returns whether no scenario will run, because tests are only listed or it is a dry run. No cluster is needed then.
func (l *Lab) onlyLists() bool {
	list := flag.Lookup("test.list")
	return list != nil && list.Value.String() != "" || l.config.DryRunMode()
}

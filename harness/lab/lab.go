package lab

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
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
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/internal/version"
	"github.com/noteproof/noteproof/harness/notes"
	"github.com/noteproof/noteproof/harness/suite"
)

// WorkloadImage is the name under which the nodes have the workload image, which manifests call "agnhost".
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
	previous evidence.Previous // the last answers of earlier runs
	recorder *evidence.Recorder
	entries  map[string]*evidence.Claim // by claim ID
	cluster  *acquired
	monitor  *monitor // nil until there is a cluster
	rest     *rest.Config
	props    stage.Props
	before   stage.Inventory // the objects on the cluster before the run; nil until they are listed
	// lacks contains the reason for each need that the cluster does not meet.
	lacks       map[claim.Need]string
	balancer    *balancer
	disturbance disturbances
	// setUp acquires the cluster, when the first scenario is about to run, and returns the same error each time. ready is closed
	// when it has ended.
	setUp func() error
	ready chan struct{}
	// unwatch stops the heartbeat; nil until it runs.
	unwatch func()
	// testLimit is when go test ends this process; zero if it does not.
	testLimit time.Time

	mu       sync.Mutex
	running  map[string]time.Time
	done     int
	failures []error // what fails the run beside its claims
}

// New returns the lab of a suite. Main starts the run.
func New(suite suite.Suite) *Lab { return NewWithOptions(suite, Options{}) }

// NewWithOptions does what New does, with defaults for environment variables that are not set.
func NewWithOptions(suite suite.Suite, options Options) *Lab {
	return &Lab{
		suite: suite, options: options, entries: map[string]*evidence.Claim{}, lacks: map[claim.Need]string{}, balancer: newBalancer(),
		ready: make(chan struct{}), running: map[string]time.Time{},
	}
}

// Main runs the package's tests and returns the exit status of the test process. It checks the suite; when the first scenario
// is about to run it creates or adopts a cluster; after the tests it writes the reports and deletes a cluster that it created.
// It takes the flags of e2e-framework and the environment variables that README.md lists.
func (l *Lab) Main(m *testing.M) int {
	l.log = progress.New(progress.Terminal())
	listing := listingFlags(flag.CommandLine)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := l.prepare(ctx)
	switch {
	case listing.asked() && (err == nil || *listing.notes):
		err = errors.Join(err, l.list(listing))
	case err == nil:
		if stale := l.checkCatalogue(); stale != nil {
			l.log.Say("!  %v", stale)
		}
	}
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err) // go test prints it with the failed package
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

func (l *Lab) prepare(ctx context.Context) error {
	var err error
	if l.config, err = envconf.NewFromFlags(); err != nil {
		return fmt.Errorf("read the flags: %w", err)
	}
	if l.settings, err = readSettings(l.options.over(os.Getenv)); err != nil {
		return err
	}
	for _, notice := range l.settings.notices {
		l.log.Say("!  %s", notice)
	}
	if l.config.KubeconfigFile() != "" {
		l.settings.kubeconfig = environ.AbsoluteList(l.settings.workingDir, l.config.KubeconfigFile())
	}
	if err := l.suite.Check(); err != nil {
		return fmt.Errorf("the claims, the notes and the manifests do not agree:\n%w", err)
	}
	if err := l.chooseDisturbance(); err != nil {
		return err
	}
	if len(l.chosen()) == 0 {
		return l.noneChosen()
	}
	l.id = rand.String(5)
	if l.env, err = env.NewWithContext(ctx, l.config); err != nil {
		return fmt.Errorf("create the test environment: %w", err)
	}
	l.setUp = sync.OnceValue(func() error {
		defer close(l.ready)
		return l.setup(ctx)
	})
	l.env.Finish(l.finish)
	return nil
}

// noneChosen returns why no scenario is chosen.
func (l *Lab) noneChosen() error {
	named := l.settings.claims
	switch {
	case named != nil && !slices.ContainsFunc(l.ids(), named.MatchString):
		return fmt.Errorf("CLAIMS=%s chooses none of the %d claims, so nothing was done; did you mean %s?",
			named, len(l.ids()), strings.Join(nearest(named.String(), l.ids()), ", "))
	case l.settings.sabotage:
		return errors.New("none of the chosen claims has a Sabotage, so nothing was done")
	default:
		return errors.New("the suite has no scenario that could run, so nothing was done")
	}
}

func (l *Lab) checkCatalogue() error {
	if l.suite.Catalogue == "" {
		return nil
	}
	text, err := os.ReadFile(l.suite.Catalogue)
	if err != nil {
		return fmt.Errorf("read the catalogue: %w; generate it with: go test %s -args -catalogue", err, l.settings.tests)
	}
	if string(text) != report.Catalogue(l.suite.Claims()) {
		return fmt.Errorf("the catalogue %s is out of date; generate it with: go test %s -args -catalogue", l.suite.Catalogue, l.settings.tests)
	}
	return nil
}

// onlyLists returns whether no scenario will run, because tests are only listed or it is a dry run. No cluster is needed then.
func (l *Lab) onlyLists() bool {
	list := flag.Lookup("test.list")
	return list != nil && list.Value.String() != "" || l.config.DryRunMode()
}

// setup acquires the cluster. If that fails, the record contains the error as the reason why nothing was run.
func (l *Lab) setup(ctx context.Context) error {
	bounded, cancel := l.withTestLimit(ctx)
	defer cancel()
	var environment evidence.Environment
	var version string
	acquired, err := l.acquire(bounded)
	if err == nil {
		l.cluster = acquired
		environment, version, err = l.examine(bounded)
	}
	if err == nil {
		l.before, err = l.inventory(bounded)
	}
	if err == nil {
		l.monitor, err = l.startMonitor(ctx)
	}
	if err != nil && errors.Is(context.Cause(bounded), errTestLimit) {
		err = fmt.Errorf("%w\n%w. What was built so far is kept: run the same command again, or give it more time with "+
			"-timeout 90m, or use make verify", err, errTestLimit)
	}
	if recordErr := l.begin(environment, version, err); recordErr != nil {
		return recordErr
	}
	if err != nil {
		l.log.Say("✗  no cluster, so no claim was run: %v", err)
		return fmt.Errorf("acquire a cluster: %w", err)
	}
	if !l.disturbance.within {
		if err := l.disturb(ctx); err != nil {
			l.log.Say("✗  %v", err)
			return err
		}
	}
	l.unwatch = l.heartbeat(len(l.chosen()))
	return nil
}

// errTestLimit is why what a test does is cut off.
var errTestLimit = errors.New("the -timeout of go test was about to end this process")

// cleanupReserve is how long before the -timeout of go test everything is cut off: at the timeout the process ends at once, and
// leaves what is not cleaned up.
const cleanupReserve = time.Minute

// withTestLimit limits ctx to the -timeout of go test, with the cause errTestLimit.
func (l *Lab) withTestLimit(ctx context.Context) (context.Context, context.CancelFunc) {
	if l.testLimit.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, l.testLimit.Add(-cleanupReserve), errTestLimit)
}

// begin starts the record, in which every claim is not run yet.
func (l *Lab) begin(environment evidence.Environment, kubernetes string, failure error) error {
	environment.Noteproof = version.Of(l.settings.root)
	record := &evidence.Record{
		Schema: evidence.Schema, Disturbance: l.disturbance.record, Version: kubernetes, Wanted: l.wanted, Partial: true, Started: time.Now().UTC(), Environment: environment,
	}
	if failure != nil {
		record.Failure = failure.Error()
	}
	known, err := claim.ParseVersion(record.Kubernetes())
	if err != nil && failure == nil {
		return fmt.Errorf("determine what to expect of the server: %w", err)
	}
	for _, s := range l.suite.Scenarios {
		entry := newEntry(s.Claim(), known, l.reproduce(s.ID, record.Kubernetes()))
		if failure != nil {
			entry.Reason = "there was no cluster to run on"
		}
		l.entries[s.ID] = entry
		record.Claims = append(record.Claims, entry)
	}
	dir := filepath.Join(l.settings.out, evidence.Folder(record.Kubernetes(), l.adoptedName()))
	switch { // a run that was broken on purpose is compared with no other run
	case l.settings.sabotage:
		dir = filepath.Join(dir, "sabotage")
	case l.settings.disturbed != "":
		dir = filepath.Join(dir, "disturbed", l.settings.disturbed)
	default:
		if l.previous, err = evidence.Keep(dir); err != nil {
			l.log.Say("!  some answers of earlier runs cannot be read, so they are not compared: %v", err)
		}
	}
	if l.recorder, err = evidence.NewRecorder(filepath.Join(dir, evidence.RecordFile), record); err != nil {
		return err
	}
	return l.announce(l.recorder.Path())
}

// announce tells the command noteproof where the record is.
func (l *Lab) announce(path string) error {
	if l.settings.recordTo == "" {
		return nil
	}
	file, err := os.OpenFile(l.settings.recordTo, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("tell where the record is: %w", err)
	}
	_, err = fmt.Fprintln(file, path)
	return errors.Join(err, file.Close())
}

// adoptedName returns the name of an existing cluster in its kubeconfig; empty for a cluster that the run creates.
func (l *Lab) adoptedName() string {
	switch {
	case l.settings.kubeconfig == "":
		return ""
	case l.cluster != nil:
		return l.cluster.Name()
	case l.config.KubeContext() != "":
		return l.config.KubeContext()
	default:
		return filepath.Base(l.settings.kubeconfig)
	}
}

const (
	// finishWithin is how long the cluster may take to become as it was before the run.
	finishWithin = 8 * time.Minute
	// releaseWithin is how long the removal of the cluster may take.
	releaseWithin = 3 * time.Minute
)

// finish releases the cluster, closes the record, writes the reports and prints the table.
func (l *Lab) finish(ctx context.Context, _ *envconf.Config) (context.Context, error) {
	errs := slices.Clone(l.failures)
	if ctx.Err() != nil {
		errs = append(errs, errors.New("the run was interrupted"))
	}
	if l.monitor != nil {
		errs = append(errs, context.Cause(l.monitor.alive))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer cancel()
	l.monitor.Stop()
	if l.cluster != nil {
		errs = append(errs, l.restore(ctx), l.uninstallBalancer(ctx), l.residue(ctx))
		releasing, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseWithin) // also when finishWithin is over
		defer cancel()
		errs = append(errs, l.cluster.release(releasing, errors.Join(errs...) != nil))
	}
	if l.recorder != nil {
		errs = append(errs, l.closeRecord(errors.Join(errs...)))
	}
	err := errors.Join(errs...)
	if err != nil {
		l.log.Say("✗  %v", err)
	}
	return ctx, err
}

// closeRecord completes the record, with the failure if there is one, and writes the reports.
func (l *Lab) closeRecord(failure error) error {
	err := l.recorder.Change(func(r *evidence.Record) {
		if failure != nil && r.Failure == "" {
			r.Failure = failure.Error()
		}
		r.Finished = time.Now().UTC()
		r.Partial = r.Failure != "" || slices.ContainsFunc(r.Claims, func(c *evidence.Claim) bool { return c.Reason == notChosen })
	})
	if err != nil {
		return err
	}
	var paths []string
	l.recorder.Read(func(r *evidence.Record) {
		if l.settings.recordTo == "" {
			l.log.Print("\n" + report.Table(r) + "\n")
		}
		lecture := notes.Parse(l.suite.Notes)
		paths, err = report.Write(filepath.Dir(l.recorder.Path()), r, lecture)
	})
	if err != nil {
		return fmt.Errorf("write the reports: %w", err)
	}
	for _, path := range append([]string{l.recorder.Path()}, paths...) {
		l.log.Print("  " + path + "\n")
	}
	return nil
}

// Run runs the chosen scenarios: several at once, then those that must run alone, one after another. The test fails if its
// flags exclude all of them.
func (l *Lab) Run(t *testing.T) {
	l.testLimit, _ = t.Deadline()
	var together, alone []suite.Scenario
	for _, s := range l.chosen() {
		if s.Alone {
			alone = append(alone, s)
		} else {
			together = append(together, s)
		}
	}
	defer func() {
		if l.unwatch != nil {
			l.unwatch()
		}
	}()
	if l.disturbance.within { // each scenario is disturbed separately
		alone, together = append(together, alone...), nil
	}
	l.runTogether(together, func(s suite.Scenario) { l.addFeature(t, s) })
	for _, s := range alone {
		l.addFeature(t, s)
	}
	select {
	case <-l.ready:
		if err := l.setUp(); err != nil {
			t.Error(err)
		}
	default:
		if !l.config.DryRunMode() {
			t.Error(l.noneRun())
		}
	}
}

// noneRun returns the error of a run whose flags exclude all chosen scenarios.
func (l *Lab) noneRun() error {
	err := fmt.Errorf("the flags choose none of the %d claims, so nothing was done; each is a subtest with its ID as the name, "+
		"and has the labels topic and claim", len(l.ids()))
	if run := flag.Lookup("test.run"); run != nil {
		if _, pattern, _ := strings.Cut(run.Value.String(), "/"); pattern != "" {
			err = fmt.Errorf("%w; did you mean %s?", err, strings.Join(nearest(pattern, l.ids()), ", "))
		}
	}
	return err
}

// runTogether runs scenarios, as many at once as the settings allow. Those that need the load balancer plugin start when no
// scenario needs its absence any more. Until then they take no slot, so the scenario that they wait for always gets one.
func (l *Lab) runTogether(scenarios []suite.Scenario, run func(suite.Scenario)) {
	slices.SortStableFunc(scenarios, byBalancer)
	if !anyNeeds(scenarios, claim.NoLoadBalancer) {
		l.balancer.allow()
	}
	slots := make(chan struct{}, max(l.settings.parallel, 1))
	var all sync.WaitGroup
	for _, s := range scenarios {
		if s.Asks(claim.LoadBalancer) {
			<-l.balancer.allowed
		}
		slots <- struct{}{}
		awaitCapacity(func() int { return len(slots) - 1 }, l.monitor.threadsPerCPUNow, pulseEvery)
		ended := make(chan struct{})
		all.Go(func() {
			defer func() { <-slots }()
			defer close(ended)
			if s.Asks(claim.NoLoadBalancer) {
				defer l.balancer.allow() // if the body has not called it
			}
			run(s)
		})
		select { // the first one acquires the cluster, unless a flag excludes it
		case <-l.ready:
		case <-ended:
		}
	}
	all.Wait()
}

func (l *Lab) chosen() []suite.Scenario {
	return slices.DeleteFunc(slices.Clone(l.suite.Scenarios), func(s suite.Scenario) bool {
		if l.settings.sabotage && s.Sabotage == (suite.Sabotage{}) {
			return true
		}
		if l.settings.claims == nil && l.disturbance.claims != nil {
			return !l.disturbance.claims.MatchString(s.ID)
		}
		return l.settings.claims != nil && !l.settings.claims.MatchString(s.ID)
	})
}

func (l *Lab) ids() []string {
	var ids []string
	for _, s := range l.suite.Scenarios {
		ids = append(ids, s.ID)
	}
	return ids
}

// heartbeat logs which claims run and how many are done, until stop is called.
func (l *Lab) heartbeat(total int) (stop func()) {
	return l.log.Watch(total, "claims", func() (int, string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		var names []string
		for id, since := range l.running {
			names = append(names, fmt.Sprintf("%s (for %s)", id, time.Since(since).Round(time.Second)))
		}
		slices.Sort(names)
		return l.done, strings.Join(names, ", ")
	})
}

package scenario

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	neturl "net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/probe"
)

// Run is the run that a scenario is part of, and the cluster that it may use. The lab makes it.
type Run struct {
	// ID is short and unique: two runs on one cluster do not meet in a namespace.
	ID      string
	Config  *rest.Config
	Cluster *cluster.Cluster
	Outside *cluster.Outside // nil where there is none
	// Adopted is set when somebody else made the cluster. A claim that it cannot show, or refuses, is not run there.
	Adopted  bool
	Props    stage.Props
	Notes    string // the text of the notes
	Timeouts Timeouts
	Recorder *evidence.Recorder
	// Health returns what is known of the cluster's state between two times; nil knows nothing.
	Health func(ctx context.Context, from, to time.Time) verdict.Facts
	// Crowd is how many threads wanted each processor of the cluster's machine between two times, on average; nil, and 0,
	// is that it is not known.
	Crowd func(from, to time.Time) float64
	// BeforeChange is called before the scenario first changes something itself, when its objects are up; nil does nothing.
	BeforeChange func(ctx context.Context, t T) error
	// InstallLoadBalancer installs the load balancer plugin, unless it is there. AllowLoadBalancer lets the claims start
	// that need it.
	InstallLoadBalancer func(context.Context) error
	AllowLoadBalancer   func()
	// Sabotaged is set when the scenario is broken on purpose: that it stops early is no failure of the test then.
	Sabotaged bool
}

// T is what a scenario needs of a test: *testing.T has it.
type T interface {
	Helper()
	Cleanup(func())
	Errorf(format string, a ...any)
	FailNow()
	SkipNow()
}

// Job is one scenario to be run.
type Job struct {
	Claim claim.Claim
	// Namespace is the one that the notes name; empty is one of the claim's own.
	Namespace string
	Manifests fs.FS
	Body      func(*S)
	// Entry is the claim's entry in the record.
	Entry *evidence.Claim
	// Settled is called with the entry when its verdict is computed, before it is written; nil does nothing more.
	Settled func(*evidence.Claim)
}

// Prove gives the claim its namespace, runs its body, judges what was observed, and removes the namespace when the test
// ends. It returns what could not be cleaned up to cleaned, which is called last.
func Prove(ctx context.Context, t T, run Run, job Job, cleaned func(error)) {
	t.Helper()
	s := &S{t: t, run: run, claim: job.Claim, job: job, entry: job.Entry, settled: map[*claim.Point]bool{}, expected: map[*claim.Point]bool{}, started: time.Now()}
	s.read(func(entry *evidence.Claim) {
		for i, point := range job.Claim.Points {
			s.expected[point] = entry.Points[i].Expected
		}
	})
	var cancel context.CancelFunc
	s.ctx, cancel = context.WithTimeout(ctx, run.Timeouts.Scenario)
	t.Cleanup(func() {
		cancel()
		cleaned(errors.Join(s.left...))
	})
	t.Cleanup(s.close)
	t.Cleanup(s.judge)
	defer s.catch()
	err := s.open()
	var refused *stage.Refusal
	switch {
	case err == nil:
	case s.run.Adopted && errors.As(err, &refused):
		s.notRun("the cluster does not allow what the claim needs: %v", err)
	default:
		s.abort("the namespace and the objects of the claim could not be made: %v", err)
	}
	job.Body(s)
}

// catch turns a panic of the body into trouble of this claim alone.
func (s *S) catch() {
	if r := recover(); r != nil {
		s.blind("the scenario is wrong: it panicked: %v\n%s", r, debug.Stack())
		s.t.Errorf("panic in the body of %s: %v", s.claim.ID, r)
	}
}

// open connects one client for this scenario alone, makes the namespace and applies the manifest.
func (s *S) open() error {
	config := rest.CopyConfig(s.run.Config)
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if s.manifest, err = stage.ReadManifest(s.job.Manifests, s.claim.ID); err != nil {
		return err
	}
	s.stage, err = stage.Open(s.ctx, stage.Options{
		Claim: s.claim.ID, Run: s.run.ID, Namespace: s.job.Namespace, Props: s.run.Props, Client: client, Dynamic: objects,
		Mapper:  restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery())),
		TryPods: s.run.Adopted,
	})
	if err != nil {
		return err
	}
	s.change(func(entry *evidence.Claim) { entry.Namespace = s.stage.Namespace })
	if slices.Contains(s.claim.Needs, claim.LoadBalancer) {
		if err := s.run.InstallLoadBalancer(s.ctx); err != nil {
			return err
		}
	}
	s.cluster = probe.Cluster{Client: client, Config: config, Namespace: s.stage.Namespace, Limit: s.run.Timeouts.Request}
	return s.stage.Apply(s.ctx, s.manifest)
}

// judge computes the verdict; when it fails the run, it first collects what reports why.
func (s *S) judge() {
	if s.ctx.Err() != nil {
		s.blind("%s", s.cutOff())
	}
	s.explain()
	s.change(func(entry *evidence.Claim) {
		verdict.Judge(entry, verdict.End{Unfit: s.unfit, Trouble: s.trouble, Unmet: s.unmet})
		if s.job.Settled != nil {
			s.job.Settled(entry)
		}
	})
	failed := false
	s.read(func(entry *evidence.Claim) { failed = entry.Failed() })
	if !failed || s.stage == nil {
		return
	}
	ctx, cancel := s.lateContext()
	defer cancel()
	diagnosis := s.stage.Diagnose(ctx)
	s.change(func(entry *evidence.Claim) { entry.Diagnosis = diagnosis })
}

// explain says of what could not be done or observed what was not whole in the cluster meanwhile.
func (s *S) explain() {
	if s.unfit != "" || s.trouble == "" && s.unmet == "" && !s.unseen {
		return
	}
	ctx, cancel := s.lateContext()
	defer cancel()
	now := time.Now()
	problems := s.health(ctx, s.started, now, s.crowd(s.started, now)).Problems
	switch {
	case len(problems) == 0:
	case s.trouble == "" && s.unmet != "":
		s.trouble = s.unmet + whileNotWhole(problems)
	case s.trouble == "":
		s.trouble = "not all could be observed, and the cluster was not whole: " + joinWords(problems)
	default:
		s.trouble += whileNotWhole(problems)
	}
}

func whileNotWhole(problems []string) string {
	return "; the cluster was not whole meanwhile: " + joinWords(problems)
}

// close removes the namespace, in a context that still has time when the scenario's own has run out. What stays fails the
// run, and does not change the verdict.
func (s *S) close() {
	if s.stage == nil {
		return
	}
	ctx, cancel := s.lateContext()
	defer cancel()
	if err := s.stage.Close(ctx); err != nil {
		s.notCleaned(err)
	}
}

func (s *S) notCleaned(err error) {
	err = fmt.Errorf("%s: clean up: %w", s.claim.ID, err)
	s.t.Errorf("%v", err)
	s.left = append(s.left, err)
}

func (s *S) lateContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(s.ctx), s.run.Timeouts.Cleanup)
}

// cutOff says why the scenario's context ended.
func (s *S) cutOff() string {
	switch cause := context.Cause(s.ctx); {
	case errors.Is(cause, context.DeadlineExceeded):
		return fmt.Sprintf("the scenario was cut off: it took longer than %s", s.run.Timeouts.Scenario)
	case errors.Is(cause, context.Canceled):
		return "the scenario was cut off: the run was interrupted"
	default:
		return fmt.Sprintf("the scenario was cut off: %v", cause)
	}
}

// crowd is how many threads wanted each processor between two times; 0 when it is not known.
func (s *S) crowd(from, to time.Time) float64 {
	if s.run.Crowd == nil {
		return 0
	}
	return s.run.Crowd(from, to)
}

// health looks at the state of the cluster between two times. The crowd is zero when what it is to explain did not depend
// on how long anything took.
func (s *S) health(ctx context.Context, from, to time.Time, crowd float64) *evidence.Health {
	facts := verdict.Facts{From: from, To: to}
	if s.run.Health != nil {
		facts = s.run.Health(ctx, from, to)
	}
	facts.Stopped, facts.Relies, facts.Crowd = s.stopped, s.relies, crowd
	if s.cluster.Client != nil {
		pods, err := s.cluster.Pods("").List(ctx)
		if err != nil {
			facts.Unknown = append(facts.Unknown, err.Error())
		}
		facts.Pods = pods
		// An account that may not see them knows less; that is no trouble.
		if sets, err := s.cluster.Client.AppsV1().ReplicaSets(s.cluster.Namespace).List(ctx, metav1.ListOptions{}); err == nil {
			facts.ReplicaSets = sets.Items
		}
	}
	checked := append([]string{"the API server", "nodes", "the Pods of the namespace"}, facts.Leading...)
	if facts.Crowd > 0 {
		checked = append(checked, "the machine's processors")
	}
	for _, part := range s.relies {
		checked = append(checked, string(part))
	}
	return &evidence.Health{At: to.UTC(), Checked: checked, Problems: append([]string{}, verdict.Problems(facts)...)}
}

// changing is called by each verb that changes something on purpose, before it does.
func (s *S) changing() {
	s.t.Helper()
	if s.changed || s.run.BeforeChange == nil {
		return
	}
	s.changed = true
	if err := s.run.BeforeChange(s.ctx, s.t); err != nil {
		s.abort("%v", err)
	}
	s.started = time.Now() // what was done to the cluster until now explains nothing
}

// relyOn notes that a look goes through a part of the cluster.
func (s *S) relyOn(parts ...verdict.Part) {
	for _, part := range parts {
		if !slices.Contains(s.relies, part) {
			s.relies = append(s.relies, part)
		}
	}
}

// relyOnRoute notes the parts of the cluster that a request to a URL goes through.
func (s *S) relyOnRoute(target string) {
	parsed, err := neturl.Parse(target)
	if err != nil || parsed.Hostname() == "localhost" {
		return
	}
	s.relyOn(verdict.PodNetwork)
	if _, err := netip.ParseAddr(parsed.Hostname()); err != nil {
		s.relyOn(verdict.DNS, verdict.ServiceProxy)
	}
}

func (s *S) expects(point *claim.Point) bool { return s.expected[point] }

// blind notes why the claim is inconclusive, the first reason there is; the scenario goes on.
func (s *S) blind(format string, a ...any) {
	if s.trouble == "" {
		s.trouble = fmt.Sprintf(format, a...)
	}
}

// abort ends the scenario: the claim is inconclusive, and what is not observed by now stays so.
func (s *S) abort(format string, a ...any) {
	s.t.Helper()
	if s.ctx != nil && s.ctx.Err() != nil {
		s.blind("%s; it was then at: %s", s.cutOff(), fmt.Sprintf(format, a...))
	}
	s.blind(format, a...)
	s.stop()
}

// stop ends the body.
func (s *S) stop() {
	s.t.Helper()
	if s.run.Sabotaged {
		s.t.SkipNow() // a sabotage may well stop it; the lab fails the test when it was not noticed before
	}
	s.t.FailNow()
}

// troubles says in words what keeps Pods from being ready; empty when nothing does.
func troubles(seen any) string {
	pods, is := seen.([]corev1.Pod)
	if !is {
		return ""
	}
	var words []string
	for i := range pods {
		if why := probe.PodProblem(&pods[i]); why != "" {
			words = append(words, fmt.Sprintf("Pod %s: %s", pods[i].Name, why))
		}
	}
	return joinWords(words)
}

func joinWords(words []string) string { return strings.Join(words, "; ") }

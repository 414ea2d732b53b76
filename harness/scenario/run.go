package scenario

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/secret"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/probe"
)

// Run is the run that a scenario is part of, and the cluster that it may use. Package lab creates it.
type Run struct {
	// ID is short and unique, so that two runs on one cluster use different namespaces.
	ID      string
	Config  *rest.Config
	Cluster *cluster.Cluster
	Outside *cluster.Outside // nil if there is none
	// Cleaning is the context of everything that removes something from the cluster. It ends some time after the run was interrupted,
	// and then wraps stage.ErrInterrupted. Nil never ends.
	Cleaning context.Context
	// Adopted is set when somebody else made the cluster. A claim that it cannot show, or does not allow, is not run there.
	Adopted bool
	// Allowed returns whether such a cluster may be used in this way.
	Allowed func(environ.Permission) bool
	Props   stage.Props
	Hanging bool   // namespaces do not go completely: see stage.Options
	Notes   string // the text of the notes
	// Spare is the only node that a scenario may stop, because others run at the same time; empty if it runs alone.
	Spare    string
	Timeouts Timeouts
	Recorder *evidence.Recorder
	// Health returns what is known about the state of the cluster between two times. It may be nil.
	Health func(ctx context.Context, from, to time.Time) verdict.Facts
	// Crowd returns the average number of runnable threads per CPU of the cluster's machine between two times, or 0 if it is
	// unknown. It may be nil.
	Crowd func(from, to time.Time) float64
	// BeforeChange is called before the scenario first changes something itself, when its objects exist. It may be nil.
	BeforeChange func(ctx context.Context, t T) error
	// InstallLoadBalancer installs the load balancer plugin if it is not installed. AllowLoadBalancer lets the claims that
	// need it start.
	InstallLoadBalancer func(context.Context) error
	AllowLoadBalancer   func()
	// Sabotaged is set if the scenario is broken on purpose. The test does not fail then if the scenario stops early.
	Sabotaged bool
	// Floor means that nothing is observed: the objects of the claim are created, awaited and deleted, and the claim is not run.
	Floor bool
}

// T is what a scenario needs of a test. *testing.T implements it.
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
	// Namespace is the namespace that the notes name; empty for a namespace with a unique name.
	Namespace string
	Manifests fs.FS
	Body      func(*S)
	// Entry is the claim's entry in the record.
	Entry *evidence.Claim
	// Settled is called with the entry after its verdict is computed, before the record is written. It may be nil.
	Settled func(*evidence.Claim)
	// Judged is called when the verdict is in the record, before the namespace is removed.
	Judged func()
	// Cleaned is called last, with the errors of the cleanup.
	Cleaned func(error)
}

// Prove creates the claim's namespace, runs the body, judges what was observed, and removes the namespace when the test
// ends.
func Prove(ctx context.Context, t T, run Run, job Job) {
	t.Helper()
	s := &S{
		t: t, run: run, claim: job.Claim, job: job, entry: job.Entry,
		contradicted: map[*claim.Point]bool{}, expected: map[*claim.Point]bool{}, started: time.Now(),
	}
	s.read(func(entry *evidence.Claim) {
		for i, point := range job.Claim.Points {
			s.expected[point] = entry.Points[i].Expected
		}
	})
	ctx, s.cutOff = context.WithCancelCause(ctx)
	var cancel context.CancelFunc
	s.ctx, cancel = context.WithTimeout(ctx, run.Timeouts.Scenario)
	t.Cleanup(func() {
		cancel()
		job.Cleaned(errors.Join(s.cleanupErrors...))
	})
	t.Cleanup(s.close)
	t.Cleanup(job.Judged)
	defer s.judge() // before what the body has changed or disturbed is undone, by functions that it has given to Cleanup
	defer s.recoverPanic()
	err := s.open()
	var refused *stage.Refusal
	switch {
	case err == nil:
	case s.run.Adopted && errors.As(err, &refused):
		s.notRun("the cluster does not allow what the claim needs: %v", err)
	default:
		s.abort("the namespace and the objects of the claim could not be created: %v", err)
	}
	if run.Floor {
		job.Body = floor
	}
	s.perform(job.Body)
}

// floor is the body of a scenario that shows how long the objects of its claim take by themselves: it creates those that the body would,
// too, and waits until the Pods have started, or no node is found for them.
func floor(s *S) {
	for _, object := range s.manifest.Objects {
		if _, later := object.GetAnnotations()[stage.Later]; later {
			_ = s.stage.Create(s.ctx, object) // the API server is to refuse some
		}
	}
	pending := func(pod corev1.Pod) bool {
		return pod.Status.Phase == corev1.PodPending && !slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse
		})
	}
	_ = wait.PollUntilContextTimeout(s.ctx, s.run.Timeouts.Poll, s.run.Timeouts.Step, true, func(ctx context.Context) (bool, error) {
		pods, err := s.cluster.Pods("").List(ctx)
		return err == nil && (len(pods) > 0 || !s.manifest.HasPods()) && !slices.ContainsFunc(pods, pending), nil
	})
	s.notRun("only its objects were created, awaited and deleted")
}

// perform runs the body. It is finished unless a step, a panic or the test ends it.
func (s *S) perform(body func(*S)) {
	body(s)
	s.finished = true
}

// recoverPanic makes the claim inconclusive if the body panics. Other claims are not affected.
func (s *S) recoverPanic() {
	if r := recover(); r != nil {
		s.markInconclusive("the scenario is wrong: it panicked: %v\n%s", r, debug.Stack())
		s.t.Errorf("panic in the body of %s: %s", s.claim.ID, secret.Mask(fmt.Sprint(r)))
	}
}

// open creates clients for this scenario only, the namespace and the objects of the manifest.
func (s *S) open() error {
	config := rest.CopyConfig(s.run.Config)
	var allowed func(environ.Permission) bool
	if s.run.Adopted {
		allowed = s.run.Allowed
		config.Wrap(stage.Guard{Namespaces: s.ownNamespaces(), Allowed: allowed, Refused: s.refused}.Wrap)
	}
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
	var removeOnNode func(ctx context.Context, node, path string) error
	if !s.run.Adopted {
		removeOnNode = s.removeOnNode
	}
	s.stage, err = stage.Open(s.ctx, stage.Options{
		Claim: s.claim.ID, Run: s.run.ID, Within: s.run.Timeouts.Scenario + 2*s.run.Timeouts.Cleanup, NodeFolder: s.manifest.UsesNodeFolder(),
		Namespace: s.job.Namespace, Props: s.run.Props, Client: client, Dynamic: objects,
		Mapper:  restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery())),
		TryPods: s.run.Adopted, RemoveOnNode: removeOnNode, Allowed: allowed, Hanging: s.run.Hanging,
		ClusterScoped: slices.Contains(s.claim.Needs, claim.ClusterMutation), NodeLabels: slices.Contains(s.claim.Needs, claim.NodeLabels),
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

// ownNamespaces returns the namespaces that the claim may use as it likes.
func (s *S) ownNamespaces() []string {
	own := stage.OwnNamespaces(s.claim.ID, s.run.ID)
	if s.job.Namespace != "" {
		own = append(own, s.job.Namespace)
	}
	return own
}

// unfit is the cause with which a scenario is cut off that somebody else's cluster does not permit, or cannot show.
type unfit string

// Error implements error.
func (u unfit) Error() string { return string(u) }

// refused cuts the scenario off because it wanted to do what was not allowed.
func (s *S) refused(denied stage.Denied) { s.cutOff(unfit(denied.Error())) }

// lacking cuts the scenario off if somebody else's cluster refused a request: to the account, or by a policy or a quota.
func (s *S) lacking(err error) {
	if s.run.Adopted && probe.RefusedByCluster(err) {
		s.cutOff(unfit("the cluster does not allow what the claim needs: " + err.Error()))
	}
}

// removeOnNode removes a directory of a node of a cluster that the run created.
func (s *S) removeOnNode(ctx context.Context, node, path string) error {
	out, err := s.run.Cluster.OnNode(ctx, node, "rm", "-rf", path)
	if err == nil && out.ExitCode != 0 {
		err = fmt.Errorf("node %s: %s", node, out)
	}
	return err
}

// judge computes the verdict. If it fails the run, judge also collects the diagnosis, before the objects are removed.
func (s *S) judge() {
	s.conclude()
	failed := false
	s.read(func(entry *evidence.Claim) { failed = entry.Failed() })
	if !failed || s.stage == nil {
		return
	}
	ctx, cancel := s.cleanupContext()
	defer cancel()
	diagnosis := s.stage.Diagnose(ctx)
	s.change(func(entry *evidence.Claim) { entry.Diagnosis = diagnosis })
}

// conclude computes the verdict. If the claim is inconclusive, the state of the cluster may be the reason.
func (s *S) conclude() {
	s.explainCutOff()
	settle := func(entry *evidence.Claim) {
		verdict.Judge(entry, verdict.End{Unfit: s.unfit, Trouble: s.trouble, Unmet: s.unmet, Added: s.added})
	}
	s.change(settle)
	s.addClusterProblems()
	s.change(func(entry *evidence.Claim) {
		settle(entry)
		if s.job.Settled != nil {
			s.job.Settled(entry)
		}
	})
}

// explainCutOff records why the claim is inconclusive or was not run if the body did not run to its end.
func (s *S) explainCutOff() {
	var why unfit
	if errors.As(context.Cause(s.ctx), &why) {
		s.unfit = why.Error()
	}
	if s.ctx.Err() != nil {
		s.markInconclusive("%s", s.cutOffReason())
	}
	if !s.finished && s.unfit == "" && s.trouble == "" && s.unmet == "" { // by SkipNow or FailNow of s.T()
		s.markInconclusive("the scenario is wrong: its body did not run to its end, although no step failed")
	}
}

// addClusterProblems adds what was not whole in the cluster to the reason why the claim is inconclusive. If it was whole, what it adds to
// all Pods and namespaces may be the reason.
func (s *S) addClusterProblems() {
	inconclusive := s.trouble != "" || s.unmet != ""
	s.read(func(entry *evidence.Claim) { inconclusive = inconclusive || entry.Verdict == claim.Inconclusive })
	if s.unfit != "" || !inconclusive {
		return
	}
	ctx, cancel := s.cleanupContext()
	defer cancel()
	now := time.Now()
	health := s.health(ctx, s.started, now, s.threadsPerCPU(s.started, now), false)
	problems := health.Problems
	switch {
	case len(problems) == 0:
		if s.ctx.Err() == nil {
			s.added = joinWords(health.Added)
		}
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

// close removes the namespace, with a context of its own, since the scenario's may have ended. An error fails the test, but
// does not change the verdict.
func (s *S) close() {
	if s.stage == nil {
		return
	}
	ctx, cancel := s.cleanupContext()
	defer cancel()
	err := s.stage.Close(ctx)
	if err != nil && (s.run.Adopted || !errors.Is(context.Cause(ctx), stage.ErrInterrupted)) { // else the cluster is removed as a whole
		s.cleanupFailed(err)
	}
}

func (s *S) cleanupFailed(err error) {
	err = fmt.Errorf("%s: clean up: %w", s.claim.ID, err)
	s.t.Errorf("%s", secret.Mask(err.Error()))
	s.cleanupErrors = append(s.cleanupErrors, err)
}

// cleaning returns Run.Cleaning.
func (s *S) cleaning() context.Context {
	if s.run.Cleaning == nil {
		return context.WithoutCancel(s.ctx)
	}
	return s.run.Cleaning
}

func (s *S) cleanupContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(s.cleaning(), s.run.Timeouts.Cleanup)
}

// cutOffReason returns why the scenario's context ended.
func (s *S) cutOffReason() string {
	switch cause := context.Cause(s.ctx); {
	case errors.Is(cause, context.DeadlineExceeded):
		return fmt.Sprintf("the scenario was cut off: it took longer than %s", s.run.Timeouts.Scenario)
	case errors.Is(cause, context.Canceled):
		return "the scenario was cut off: the run was interrupted"
	default:
		return fmt.Sprintf("the scenario was cut off: %v", cause)
	}
}

// threadsPerCPU returns the average number of runnable threads per CPU between two times; 0 if it is unknown.
func (s *S) threadsPerCPU(from, to time.Time) float64 {
	if s.run.Crowd == nil {
		return 0
	}
	return s.run.Crowd(from, to)
}

// health returns the state of the cluster between two times. threadsPerCPU is 0 if a slow machine cannot explain the answer.
// absence is set if the answer is that something stayed away.
func (s *S) health(ctx context.Context, from, to time.Time, threadsPerCPU float64, absence bool) *evidence.Health {
	facts := verdict.Facts{From: from, To: to}
	if s.run.Health != nil {
		facts = s.run.Health(ctx, from, to)
	}
	facts.Stopped, facts.Relies, facts.Crowd, facts.Absence = s.stopped, s.relies, threadsPerCPU, absence
	if s.cluster.Client != nil {
		pods, err := s.cluster.Pods("").List(ctx)
		if err != nil {
			facts.Unknown = append(facts.Unknown, err.Error())
		}
		facts.Pods = pods
		if absence && facts.Crowd == 0 { // the nodes are not on this machine, whose load is known
			within, cancel := context.WithTimeout(ctx, s.run.Timeouts.Look)
			facts.Crowd = s.cluster.NodeLoad(within)
			cancel()
		}
		facts.Unknown = append(facts.Unknown, s.readNamespace(ctx, &facts)...)
	}
	checked := append([]string{"the API server", "nodes", "the Pods of the namespace and what others did there"}, facts.Leading...)
	if facts.Crowd > 0 {
		checked = append(checked, "the machine's processors")
	}
	for _, part := range facts.Present {
		if _, relied := s.relies[part]; relied {
			checked = append(checked, string(part))
		}
	}
	return &evidence.Health{At: to.UTC(), Checked: checked, Problems: append([]string{}, verdict.Problems(facts)...), Added: verdict.Added(facts)}
}

// readNamespace adds the disturbances by others that the claim's namespace shows, and returns what could not be read, also for
// want of a permission: a disturbance that cannot be seen is not ruled out.
func (s *S) readNamespace(ctx context.Context, facts *verdict.Facts) (unknown []string) {
	note := func(err error) bool {
		if err != nil {
			unknown = append(unknown, err.Error())
		}
		return err == nil
	}
	namespace := s.cluster.Namespace
	if events, err := s.cluster.Client.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{}); note(err) {
		facts.Events = events.Items
	}
	if sets, err := s.cluster.Client.AppsV1().ReplicaSets(namespace).List(ctx, metav1.ListOptions{}); note(err) {
		facts.ReplicaSets = sets.Items
	}
	notOurs := metav1.ListOptions{LabelSelector: "!" + stage.LabelRun}
	if policies, err := s.cluster.Client.NetworkingV1().NetworkPolicies(namespace).List(ctx, notOurs); note(err) {
		facts.Policies = policies.Items
	}
	return unknown
}

// podProblems returns why Pods are not ready; empty if there is no reason, or seen is not a list of Pods.
func podProblems(seen any) string {
	pods, ok := seen.([]corev1.Pod)
	if !ok {
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

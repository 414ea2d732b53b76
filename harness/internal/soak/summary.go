package soak

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/series"
)

// Schema is the version of the summary's JSON form. It is increased by changes that would mislead a reader of the old form.
const Schema = 1

// Summary summarizes the records of a soak's runs. Its JSON form is summary.json.
type Summary struct {
	Schema   int       `json:"schema"`
	Version  string    `json:"version"`
	Chosen   string    `json:"chosen,omitempty"` // the regular expression of the claims to run; empty means all
	Began    time.Time `json:"began"`
	Finished time.Time `json:"finished,omitzero"` // zero until every run is done
	Planned  int       `json:"planned"`           // the number of runs; Runs contains those that are done
	Runs     []RunRow  `json:"runs"`
	// Scenarios is the time from the first scenario's start to the last one's end, without the cluster's creation.
	Scenarios Compared   `json:"scenarios"`
	Claims    []ClaimRow `json:"claims"` // those that at least one run tried
	// NotRun are the claims that no run tried.
	NotRun     []string     `json:"notRun,omitempty"`
	Deviations []Deviation  `json:"deviations"`
	Machines   []MachineRow `json:"machines"`
}

// RunRow is one run.
type RunRow struct {
	Number  int       `json:"number"`
	Loaded  bool      `json:"loaded"`
	Began   time.Time `json:"began"`
	Seconds float64   `json:"seconds"` // of the whole run, including compilation and the cluster's creation and removal
	// ScenarioSeconds is the time from the first scenario's start to the last one's end; zero if none was run.
	ScenarioSeconds float64 `json:"scenarioSeconds"`
	// BusyCores is the average number of cores that the load used, which it shares with the suite; zero for an idle run.
	BusyCores float64 `json:"busyCores,omitzero"`
	Reused    bool    `json:"reused"` // the cluster existed before the run
	// Failure is why the run failed other than by a claim, such as by objects that it left on the cluster; empty if it did not.
	Failure string `json:"failure,omitempty"`
}

// ClaimRow is one claim over all runs.
type ClaimRow struct {
	ID     string                `json:"id"`
	Usual  claim.Verdict         `json:"usual"`
	Idle   map[claim.Verdict]int `json:"idle"`   // the number of idle runs with each verdict
	Loaded map[claim.Verdict]int `json:"loaded"` // the same for loaded runs
	// Seconds are the times of the runs that tried the claim, with any verdict.
	Seconds Compared `json:"seconds"`
}

// MachineRow is a machine and cluster of some runs, as their records describe them.
type MachineRow struct {
	Runs             []int  `json:"runs"`
	CPUs             int    `json:"cpus,omitempty"`
	MemoryMiB        int64  `json:"memoryMiB,omitempty"`
	OS               string `json:"os,omitempty"`
	Kernel           string `json:"kernel,omitempty"`
	Architecture     string `json:"architecture,omitempty"`
	CgroupVersion    string `json:"cgroupVersion,omitempty"`
	Engine           string `json:"engine,omitempty"`
	ContainerRuntime string `json:"containerRuntime,omitempty"`
	CNI              string `json:"cni,omitempty"`
	KubeProxyMode    string `json:"kubeProxyMode,omitempty"`
	NodeImageDigest  string `json:"nodeImageDigest,omitempty"`
	Nodes            int    `json:"nodes,omitempty"`
}

// result is a run that is done, with its record.
type result struct {
	*Run
	record *evidence.Record
}

// Summarize summarizes the runs that are done. records must be theirs, in the same order.
func Summarize(s *State, records []*evidence.Record) *Summary {
	sum := &Summary{
		Schema: Schema, Version: s.Version, Chosen: s.Claims, Began: s.Began, Finished: s.Finished, Planned: len(s.Runs),
		Runs: []RunRow{}, Claims: []ClaimRow{}, Deviations: []Deviation{}, Machines: []MachineRow{},
	}
	var results []result
	for i, run := range s.done() {
		results = append(results, result{run, records[i]})
	}
	var idle, loaded []float64
	for _, r := range results {
		row := r.row()
		sum.Runs = append(sum.Runs, row)
		sum.addMachine(r)
		switch {
		case row.ScenarioSeconds == 0:
		case r.Loaded:
			loaded = append(loaded, row.ScenarioSeconds)
		default:
			idle = append(idle, row.ScenarioSeconds)
		}
	}
	sum.Scenarios = compare(idle, loaded)
	for _, id := range ids(results) {
		sum.addClaim(id, results)
	}
	slices.SortStableFunc(sum.Deviations, func(a, b Deviation) int { return a.Run - b.Run })
	return sum
}

func (r result) row() RunRow {
	row := RunRow{
		Number: r.Number, Loaded: r.Loaded, Began: r.Began, Seconds: rounded(r.Finished.Sub(r.Began).Seconds()),
		Reused: r.record.Environment.Reused, Failure: series.Failure(r.record), ScenarioSeconds: scenarioSeconds(r.record),
	}
	if row.Seconds > 0 {
		row.BusyCores = rounded(r.BusySeconds / row.Seconds)
	}
	return row
}

// scenarioSeconds returns the time from the start of the first scenario to the end of the last one; zero if none was run.
func scenarioSeconds(record *evidence.Record) float64 {
	var first, last time.Time
	for _, c := range record.Claims {
		if c.Verdict == claim.NotRun || c.Started.IsZero() {
			continue
		}
		if first.IsZero() || c.Started.Before(first) {
			first = c.Started
		}
		if end := c.Started.Add(time.Duration(c.Seconds * float64(time.Second))); end.After(last) {
			last = end
		}
	}
	return rounded(last.Sub(first).Seconds())
}

// addMachine adds the run to the row of its machine and cluster. A run without a cluster has none.
func (s *Summary) addMachine(r result) {
	e := r.record.Environment
	row := MachineRow{
		CPUs: e.CPUs, MemoryMiB: e.MemoryMiB, OS: e.OS, Kernel: e.Kernel, Architecture: e.Architecture,
		CgroupVersion: e.CgroupVersion, Engine: e.Engine, ContainerRuntime: e.ContainerRuntime, CNI: e.CNI,
		KubeProxyMode: e.KubeProxyMode, NodeImageDigest: e.NodeImageDigest, Nodes: len(e.Nodes),
	}
	if reflect.ValueOf(row).IsZero() {
		return
	}
	for i := range s.Machines {
		row.Runs = s.Machines[i].Runs
		if reflect.DeepEqual(row, s.Machines[i]) {
			s.Machines[i].Runs = append(s.Machines[i].Runs, r.Number)
			return
		}
	}
	row.Runs = []int{r.Number}
	s.Machines = append(s.Machines, row)
}

// ids returns the claims in any record, in the order of the records.
func ids(results []result) []string {
	var all []string
	for _, r := range results {
		for _, c := range r.record.Claims {
			if !slices.Contains(all, c.ID) {
				all = append(all, c.ID)
			}
		}
	}
	return all
}

// Problems returns why the soak fails; none if every claim had the same answer, and no drift, in every run, and no run failed.
func (s *Summary) Problems() []string {
	var problems []string
	if n := len(s.Deviations); n > 0 {
		problems = append(problems, fmt.Sprintf("%s not the same in all runs, or drifted", counted(n, "result was", "results were")))
	}
	failed := 0
	for _, run := range s.Runs {
		if run.Failure != "" {
			failed++
		}
	}
	if failed > 0 {
		problems = append(problems, fmt.Sprintf("%d of %s failed other than by a claim", failed, counted(len(s.Runs), "run", "runs")))
	}
	never := 0
	for _, c := range s.Claims {
		if c.Usual == claim.Inconclusive {
			never++
		}
	}
	if never > 0 {
		problems = append(problems, fmt.Sprintf("%s never answered", counted(never, "claim was", "claims were")))
	}
	if len(s.Claims) == 0 {
		problems = append(problems, "no claim was tried")
	}
	return problems
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

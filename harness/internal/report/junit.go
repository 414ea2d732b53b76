package report

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

// JUnit renders the verdicts as JUnit XML: a test suite for each topic, a test case for each claim. Drift and unforeseen flips
// are failures, inconclusive claims are errors, and claims that were not run are skipped. A failure of the whole run is an error
// in a suite of its own.
func JUnit(record *evidence.Record) ([]byte, error) {
	return writeJUnit("noteproof "+title(record), suites(record, ""))
}

// junitOver renders several records as JUnit XML. The names of the suites begin with the version.
func junitOver(columns []*column) ([]byte, error) {
	var all []*junit.Testsuite
	for _, c := range columns {
		all = append(all, suites(c.Record, untrusted.Line(c.Label)+" ")...)
	}
	return writeJUnit("noteproof "+untrusted.Line(titleOf(columns)), all)
}

func writeJUnit(name string, suites []*junit.Testsuite) ([]byte, error) {
	all := junit.Testsuites{Name: name}
	total := 0.0
	for i, suite := range suites {
		seconds := 0.0
		for _, tc := range suite.Testcases {
			took, _ := strconv.ParseFloat(tc.Time, 64)
			seconds += took
		}
		suite.ID, suite.Time = i, fmt.Sprintf("%.3f", seconds)
		total += seconds
		all.AddSuite(*suite)
	}
	all.Time = fmt.Sprintf("%.3f", total)
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
	if err := all.WriteXML(&b); err != nil {
		return nil, fmt.Errorf("write the verdicts as JUnit XML: %w", err)
	}
	return b.Bytes(), nil
}

// suites returns a suite for each topic of a record, and one for the failure of its run.
func suites(record *evidence.Record, prefix string) []*junit.Testsuite {
	var all []*junit.Testsuite
	byTopic := map[string]*junit.Testsuite{}
	for _, c := range record.Claims {
		topic, _, _ := strings.Cut(untrusted.Line(c.ID), ".")
		suite := byTopic[topic]
		if suite == nil {
			suite = newSuite(prefix+topic, record)
			byTopic[topic], all = suite, append(all, suite)
		}
		suite.AddTestcase(testcase(suite.Name, c))
	}
	if record.Failure != "" {
		suite := newSuite(prefix+"run", record)
		suite.AddTestcase(junit.Testcase{Classname: suite.Name, Name: "the run succeeds", Time: "0.000",
			Error: &junit.Result{Message: "the run failed", Type: "failure of the run", Data: untrusted.Text(record.Failure)}})
		all = append(all, suite)
	}
	return all
}

func newSuite(name string, record *evidence.Record) *junit.Testsuite {
	suite := &junit.Testsuite{Name: name}
	if !record.Started.IsZero() {
		suite.SetTimestamp(record.Started)
	}
	if record.Version != "" {
		suite.AddProperty("kubernetes", untrusted.Line(record.Version))
	}
	return suite
}

func testcase(suite string, c *evidence.Claim) junit.Testcase {
	tc := junit.Testcase{
		Classname: suite,
		Name:      untrusted.Line(c.ID),
		Time:      fmt.Sprintf("%.3f", c.Seconds),
		Status:    string(c.Verdict),
	}
	var text strings.Builder
	detail(&text, c, plain)
	switch {
	case c.Flip.Fails():
		message := "flip: it was " + untrusted.Line(c.Flip.Tell(c.Verdict))
		if c.Reason != "" {
			message += "; " + untrusted.Short(c.Reason, longestLook)
		}
		tc.Failure = &junit.Result{Message: message, Type: "flip", Data: text.String()}
	case c.Drift:
		message := fmt.Sprintf("drift: expected %q, observed %q", c.Expected, c.Verdict)
		if c.Reason != "" {
			message += ": " + untrusted.Short(c.Reason, longestLook)
		}
		tc.Failure = &junit.Result{Message: message, Type: "drift", Data: text.String()}
	case c.Verdict == claim.Inconclusive:
		tc.Error = &junit.Result{Message: untrusted.Short(c.Reason, longestLook), Type: "inconclusive", Data: text.String()}
	case c.Verdict == claim.NotRun:
		tc.Skipped = &junit.Result{Message: untrusted.Line(c.Reason)}
	default:
		tc.SystemOut = &junit.Output{Data: answers(c)}
	}
	return tc
}

// answers renders what was observed of each point of a claim that came out as expected.
func answers(c *evidence.Claim) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", c.Verdict)
	if c.Turned() {
		fmt.Fprintf(&b, "%s %s\n", turnedMark, turnedMeans)
	}
	if c.Flip != nil {
		fmt.Fprintf(&b, "it was %s\n", untrusted.Line(c.Flip.Tell(c.Verdict)))
	}
	for _, p := range c.Points {
		fmt.Fprintf(&b, "%s: %s\n", p.Observed, untrusted.Line(p.Says))
		controlLines(&b, p, c.Control)
		lookLines(&b, p.Evidence)
	}
	return b.String()
}

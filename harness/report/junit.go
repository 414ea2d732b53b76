package report

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/untrusted"
)

// JUnit is the verdicts as JUnit XML: a test suite for each topic, a test case for each claim. Drift is a failure,
// inconclusive is an error, not run is skipped. What stopped the whole run is an error in a suite of its own.
func JUnit(record *evidence.Record) ([]byte, error) {
	all := junit.Testsuites{Name: "noteproof " + title(record)}
	var topics []string
	byTopic := map[string]*junit.Testsuite{}
	took := map[string]float64{}
	total := 0.0
	for _, c := range record.Claims {
		topic, _, _ := strings.Cut(untrusted.Line(c.ID), ".")
		suite := byTopic[topic]
		if suite == nil {
			suite = newSuite(topic, len(topics), record)
			byTopic[topic], topics = suite, append(topics, topic)
		}
		suite.AddTestcase(testcase(topic, c))
		took[topic] += c.Seconds
		total += c.Seconds
	}
	for _, topic := range topics {
		suite := byTopic[topic]
		suite.Time = fmt.Sprintf("%.3f", took[topic])
		all.AddSuite(*suite)
	}
	if record.Failure != "" {
		suite := newSuite("run", len(topics), record)
		suite.Time = "0.000"
		suite.AddTestcase(junit.Testcase{Classname: "run", Name: "the run goes on to its end", Time: "0.000",
			Error: &junit.Result{Message: "the run could not go on", Type: "failure of the run", Data: untrusted.Text(record.Failure)}})
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

func newSuite(name string, id int, record *evidence.Record) *junit.Testsuite {
	suite := &junit.Testsuite{Name: name, ID: id}
	if !record.Started.IsZero() {
		suite.SetTimestamp(record.Started)
	}
	if record.Version != "" {
		suite.AddProperty("kubernetes", untrusted.Line(record.Version))
	}
	return suite
}

func testcase(topic string, c *evidence.Claim) junit.Testcase {
	tc := junit.Testcase{
		Classname: topic,
		Name:      untrusted.Line(c.ID),
		Time:      fmt.Sprintf("%.3f", c.Seconds),
		Status:    string(c.Verdict),
	}
	var told strings.Builder
	detail(&told, c, plain)
	switch {
	case c.Drift:
		message := fmt.Sprintf("drift: expected %q, observed %q", c.Expected, c.Verdict)
		if c.Reason != "" {
			message += ": " + untrusted.Short(c.Reason, longestLook)
		}
		tc.Failure = &junit.Result{Message: message, Type: "drift", Data: told.String()}
	case c.Verdict == claim.Inconclusive:
		tc.Error = &junit.Result{Message: untrusted.Short(c.Reason, longestLook), Type: "inconclusive", Data: told.String()}
	case c.Verdict == claim.NotRun:
		tc.Skipped = &junit.Result{Message: untrusted.Line(c.Reason)}
	default:
		tc.SystemOut = &junit.Output{Data: answers(c)}
	}
	return tc
}

// answers is what was observed of each point, for a claim that came out as expected.
func answers(c *evidence.Claim) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", c.Verdict)
	for _, p := range c.Points {
		fmt.Fprintf(&b, "%s: %s\n", p.Observed, untrusted.Line(p.Says))
		looks(&b, p.Evidence)
	}
	return b.String()
}

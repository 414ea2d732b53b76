package lab

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/noteproof/noteproof/harness/breaks"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/cluster"
)

// disturbances is what this run does to the cluster on purpose; the zero value is nothing.
type disturbances struct {
	breaks.Disturbance
	within bool
	claims *regexp.Regexp // nil for all
	record *evidence.Disturbance

	mu   sync.Mutex
	undo func(context.Context) error // nil while the cluster is undisturbed
}

// undoneWithin is how long undoing a disturbance may take, until the cluster is whole again.
const undoneWithin = 6 * time.Minute

// chooseDisturbance finds the disturbance that NOTEPROOF_DISTURB names.
func (l *Lab) chooseDisturbance() error {
	name := l.settings.disturbed
	if name == "" {
		return nil
	}
	if l.settings.kubeconfig != "" {
		return fmt.Errorf("NOTEPROOF_DISTURB=%s: only a cluster of noteproof's own is disturbed; unset KUBECONFIG_FILE", name)
	}
	claims := ""
	if b, ok := l.suite.Break(name); ok {
		tolerated := l.suite.Refs(slices.Collect(maps.Keys(b.Tolerates)))
		for i := range tolerated {
			for point, why := range b.Tolerates {
				if point.Says == tolerated[i].Point {
					tolerated[i].Why = why
				}
			}
		}
		l.disturbance.Disturbance, l.disturbance.within, claims = b.Disturbance, b.Within, b.Claims
		l.disturbance.record = &evidence.Disturbance{Kind: evidence.Break, Turns: l.suite.Refs(b.Turns), Tolerates: tolerated}
	} else if f, ok := l.suite.Fault(name); ok {
		l.disturbance.Disturbance, claims = f.Disturbance, f.Claims
		l.disturbance.record = &evidence.Disturbance{Kind: evidence.Fault}
	} else {
		return fmt.Errorf("NOTEPROOF_DISTURB=%s: the suite has no such break or fault; list them with -args -disturbances", name)
	}
	l.disturbance.record.Name, l.disturbance.record.Does = name, l.disturbance.Does
	var err error
	if claims != "" {
		l.disturbance.claims, err = regexp.Compile(claims)
	}
	return err
}

// disturb applies the disturbance, unless there is none or it is applied already. The record contains the time and the error.
func (l *Lab) disturb(ctx context.Context) error {
	d := &l.disturbance
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.record == nil || d.undo != nil {
		return nil
	}
	step := l.log.Step("disturb the cluster: it %s", d.Does)
	undo, err := d.Apply(ctx, nodes{l.cluster.Cluster})
	_ = step.End(err)
	l.recordDisturbance(func(r *evidence.Disturbance) {
		if r.Began.IsZero() {
			r.Began = time.Now().UTC()
		}
		if err != nil {
			r.Failure = err.Error()
		}
	})
	if err != nil {
		return fmt.Errorf("disturb the cluster: %w", err)
	}
	d.undo = undo
	return nil
}

// restore undoes the disturbance and returns when the cluster is whole again.
func (l *Lab) restore() error {
	d := &l.disturbance
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.undo == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(l.cleaning, undoneWithin)
	defer cancel()
	step := l.log.Step("undo the disturbance: it %s", d.Does)
	err := d.undo(ctx)
	_ = step.End(err)
	d.undo = nil
	l.recordDisturbance(func(r *evidence.Disturbance) {
		r.Ended = time.Now().UTC()
		if err != nil && (r.Kind == evidence.Break || !errors.Is(err, breaks.ErrNotBegun)) {
			r.Failure = err.Error()
		}
	})
	if err != nil {
		return fmt.Errorf("undo the disturbance: %w", err)
	}
	return nil
}

func (l *Lab) recordDisturbance(do func(*evidence.Disturbance)) {
	err := l.recorder.Change(func(*evidence.Record) { do(l.disturbance.record) })
	if err != nil {
		l.log.Say("!  %v", err)
	}
}

// listDisturbances returns what -disturbances prints: a line for each, with its fields separated by tabs.
func (l *Lab) listDisturbances() string {
	text := ""
	for _, b := range l.suite.Breaks {
		text += fmt.Sprintf("%s\t%s\t%s\n", evidence.Break, b.Name, b.Does)
	}
	for _, f := range l.suite.Faults {
		text += fmt.Sprintf("%s\t%s\t%s\n", evidence.Fault, f.Name, f.Does)
	}
	for _, s := range l.suite.Scenarios {
		for _, point := range s.Points {
			if why, ok := l.suite.Unturned[point]; ok {
				text += fmt.Sprintf("unturned\t%s\t%s\t%s\n", s.ID, point.Says, why)
			}
		}
	}
	return text
}

// nodes is a cluster that the run created, as a disturbance needs it.
type nodes struct{ *cluster.Cluster }

// Nodes implements breaks.Cluster.
func (n nodes) Nodes(ctx context.Context) ([]breaks.Node, error) {
	containers, err := n.NodeContainers(ctx)
	found := make([]breaks.Node, len(containers))
	for i, container := range containers {
		found[i] = breaks.Node{Name: container.Name, ControlPlane: container.ControlPlane}
	}
	return found, err
}

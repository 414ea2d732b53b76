package probe

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Event is what a part of the cluster reported of an object.
type Event struct{ Reason, Message string }

// Events are all that was reported.
type Events []Event

func (e Events) String() string {
	if len(e) == 0 {
		return "no event"
	}
	words := make([]string, len(e))
	for i, event := range e {
		words[i] = event.Reason + ": " + event.Message
	}
	return strings.Join(words, "; ")
}

// Events looks at what was reported of the Pods that there are; the answer is Events.
func (p Pods) Events() Look {
	return look{"events of " + p.Name(), func(ctx context.Context) (any, error) {
		pods, err := p.List(ctx)
		if err != nil {
			return nil, err
		}
		mine := map[types.UID]bool{}
		for _, pod := range pods {
			mine[pod.UID] = true
		}
		list, err := p.cluster.Client.CoreV1().Events(p.cluster.Namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return nil, fmt.Errorf("list the events of %s: %w", p.Name(), err)
		}
		events := Events{}
		for _, e := range list.Items {
			if mine[e.InvolvedObject.UID] {
				events = append(events, Event{e.Reason, e.Message})
			}
		}
		return events, nil
	}}
}

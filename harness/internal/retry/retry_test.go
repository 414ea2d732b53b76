package retry

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestTransient(t *testing.T) {
	pods := schema.GroupResource{Resource: "pods"}
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"none":    {nil, false},
		"refused": {fmt.Errorf("dial: %w", syscall.ECONNREFUSED), true},
		"reset":   {syscall.ECONNRESET, true},
		"busy":    {apierrors.NewTooManyRequests("busy", 1), true},
		"a budget": {&apierrors.StatusError{ErrStatus: metav1.Status{
			Code: 429, Reason: metav1.StatusReasonTooManyRequests, Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{{Type: policyv1.DisruptionBudgetCause}}},
		}}, false},
		"no leader":       {apierrors.NewInternalError(errors.New("etcdserver: leader changed")), true},
		"not found":       {apierrors.NewNotFound(pods, "web"), false},
		"forbidden":       {apierrors.NewForbidden(pods, "web", errors.New("no")), false},
		"a broken server": {apierrors.NewInternalError(errors.New("panic")), false},
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(Transient(c.err)).To(Equal(c.want)) })
	}
}

func TestDoReturnsTheLastError(t *testing.T) {
	g := NewWithT(t)
	tries := 0
	g.Expect(Do(t.Context(), func(context.Context) error {
		if tries++; tries == 1 {
			return syscall.ECONNREFUSED
		}
		return nil
	})).To(Succeed())
	g.Expect(tries).To(Equal(2))
	g.Expect(Do(t.Context(), func(context.Context) error { return errors.New("for good") })).To(MatchError("for good"))
	ended, cancel := context.WithCancel(t.Context())
	g.Expect(Do(ended, func(context.Context) error { cancel(); return syscall.ECONNREFUSED })).To(MatchError(syscall.ECONNREFUSED))
}

func TestAnObjectThatALostResponseCreatedIsTheOneThatWasAskedFor(t *testing.T) {
	exists := apierrors.NewAlreadyExists(schema.GroupResource{Resource: "pods"}, "web")
	for name, c := range map[string]struct {
		answers []error
		owned   bool
		want    error
	}{
		"created":                       {[]error{nil}, false, nil},
		"somebody else's":               {[]error{exists}, true, exists},
		"response lost":                 {[]error{syscall.ECONNRESET, exists}, true, nil},
		"somebody else's, after outage": {[]error{syscall.ECONNREFUSED, exists}, false, exists},
	} {
		t.Run(name, func(t *testing.T) {
			tries := 0
			err := Create(t.Context(), func(context.Context) error { tries++; return c.answers[tries-1] }, func(context.Context) bool { return c.owned })
			if err != c.want || tries != len(c.answers) {
				t.Errorf("%v after %d tries, want %v after %d", err, tries, c.want, len(c.answers))
			}
		})
	}
}

func TestDeleteSucceedsIfThereIsNothingToDelete(t *testing.T) {
	g := NewWithT(t)
	gone := apierrors.NewNotFound(schema.GroupResource{Resource: "pods"}, "web")
	answers := []error{syscall.ECONNREFUSED, gone}
	g.Expect(Delete(t.Context(), func(context.Context) error {
		answer := answers[0]
		answers = answers[1:]
		return answer
	})).To(Succeed())
	g.Expect(answers).To(BeEmpty())
}

func TestAnAPIServerThatHasJustStartedRefusesForAMoment(t *testing.T) {
	status := func(message string) error {
		return &apierrors.StatusError{ErrStatus: metav1.Status{Code: 403, Reason: metav1.StatusReasonForbidden, Message: message}}
	}
	roles := status(`namespaces is forbidden: User "kubernetes-admin" cannot create resource "namespaces" in API group "" at the cluster scope`)
	for name, c := range map[string]struct {
		err     error
		healsIn time.Duration
		waits   time.Duration
		want    error
	}{
		"roles that are not read yet": {roles, 3 * time.Second, 3 * time.Second, nil},
		"discovery":                   {fmt.Errorf("discover: %w", status("unknown")), time.Second, time.Second, nil},
		"no permission":               {roles, time.Hour, Settling, roles},
		"a quota":                     {status(`pods "web" is forbidden: exceeded quota: pods`), time.Hour, 0, status(`pods "web" is forbidden: exceeded quota: pods`)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				began := time.Now()
				err := Do(t.Context(), func(context.Context) error {
					if time.Since(began) >= c.healsIn {
						return nil
					}
					return c.err
				})
				if c.want == nil {
					g.Expect(err).NotTo(HaveOccurred())
				} else {
					g.Expect(err).To(MatchError(c.want))
				}
				g.Expect(time.Since(began)).To(Equal(c.waits))
			})
		})
	}
}

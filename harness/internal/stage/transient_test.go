package stage

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestTransient(t *testing.T) {
	pods := schema.GroupResource{Resource: "pods"}
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"none":            {nil, false},
		"refused":         {fmt.Errorf("dial: %w", syscall.ECONNREFUSED), true},
		"reset":           {syscall.ECONNRESET, true},
		"busy":            {apierrors.NewTooManyRequests("busy", 1), true},
		"no leader":       {apierrors.NewInternalError(errors.New("etcdserver: leader changed")), true},
		"not found":       {apierrors.NewNotFound(pods, "web"), false},
		"forbidden":       {apierrors.NewForbidden(pods, "web", errors.New("no")), false},
		"a broken server": {apierrors.NewInternalError(errors.New("panic")), false},
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(Transient(c.err)).To(Equal(c.want)) })
	}
}

func TestPersistReturnsTheLastError(t *testing.T) {
	g := NewWithT(t)
	tries := 0
	g.Expect(Persist(t.Context(), func(context.Context) error {
		if tries++; tries == 1 {
			return syscall.ECONNREFUSED
		}
		return nil
	})).To(Succeed())
	g.Expect(tries).To(Equal(2))
	g.Expect(Persist(t.Context(), func(context.Context) error { return errors.New("for good") })).To(MatchError("for good"))
	ended, cancel := context.WithCancel(t.Context())
	g.Expect(Persist(ended, func(context.Context) error { cancel(); return syscall.ECONNREFUSED })).To(MatchError(syscall.ECONNREFUSED))
}

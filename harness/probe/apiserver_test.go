package probe

import (
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

func TestWithoutEndpoint(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"no endpoint":     {apierrors.NewServiceUnavailable(`no endpoints available for service "http:web:9000"`), true},
		"is not ready":    {apierrors.NewServiceUnavailable("apiserver is shutting down"), false},
		"cannot be asked": {errors.New(`no endpoints available for service "web"`), false},
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(withoutEndpoint(test.err)).To(Equal(test.want)) })
	}
}

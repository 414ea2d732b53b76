package probe

import (
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

func TestUnreachedBackend(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"no endpoint":     {apierrors.NewServiceUnavailable(`no endpoints available for service "http:web:9000"`), "no endpoints available for service"},
		"a closed port":   {apierrors.NewServiceUnavailable("error trying to reach service: dial tcp 10.0.0.1:9000: connect: connection refused"), "error trying to reach service"},
		"is not ready":    {apierrors.NewServiceUnavailable("apiserver is shutting down"), ""},
		"cannot be asked": {errors.New(`no endpoints available for service "web"`), ""},
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(unreachedBackend(test.err)).To(Equal(test.want)) })
	}
}

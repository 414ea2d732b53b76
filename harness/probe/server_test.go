package probe

import (
	"errors"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestServerAnswer(t *testing.T) {
	pods := schema.GroupResource{Resource: "pods"}
	for name, test := range map[string]struct {
		err  error
		want Answer
	}{
		"did it":      {nil, Answer{Status: 200, Body: "accepted"}},
		"could not":   {apierrors.NewBadRequest(`unknown field "sepc"`), Answer{Status: 400, Body: `unknown field "sepc"`}},
		"in words":    {fmt.Errorf("label x: %w", apierrors.NewNotFound(pods, "x")), Answer{Status: 404, Body: `pods "x" not found`}},
		"is busy":     {apierrors.NewTooManyRequestsError("later"), Answer{}},
		"is broken":   {apierrors.NewInternalError(errors.New("etcd is away")), Answer{}},
		"cannot tell": {errors.New("connection reset"), Answer{}},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := ServerAnswer(test.err)
			NewWithT(t).Expect(answer).To(Equal(test.want))
			NewWithT(t).Expect(err != nil).To(Equal(test.want == Answer{}))
		})
	}
}

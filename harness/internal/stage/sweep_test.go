package stage

import (
	"context"
	"errors"
	"testing"

	. "github.com/onsi/gomega"
)

func TestTheFolderIsRemovedFromEachNode(t *testing.T) {
	g := NewWithT(t)
	var removed []string
	s := &Stage{props: Props{Workers: []string{"w1", "w2"}, ownName: "np-volume-x-abcde"}}
	s.options.RemoveOnNode = func(_ context.Context, node, path string) error {
		removed = append(removed, node+":"+path)
		if node == "w1" {
			return errors.New("w1 is away")
		}
		return nil
	}
	g.Expect(s.sweepNodes(t.Context())).To(MatchError("remove /var/tmp/np-volume-x-abcde from the nodes: w1 is away"))
	g.Expect(removed).To(Equal([]string{"w1:/var/tmp/np-volume-x-abcde", "w2:/var/tmp/np-volume-x-abcde"}))
}

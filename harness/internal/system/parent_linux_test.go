package system

import (
	"flag"
	"testing"

	. "github.com/onsi/gomega"
)

func TestATestIsStartedByGo(t *testing.T) {
	byGoTest := flag.Lookup("test.paniconexit0").Value.String() == "true" // and not by hand
	NewWithT(t).Expect(StartedByGo()).To(Equal(byGoTest))
}

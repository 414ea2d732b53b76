package system

import (
	"flag"
	"runtime"
	"testing"

	. "github.com/onsi/gomega"
)

func TestATestIsStartedByGo(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere it is not known")
	}
	byGoTest := flag.Lookup("test.paniconexit0").Value.String() == "true" // and not by hand
	NewWithT(t).Expect(StartedByGo()).To(Equal(byGoTest))
}

package progress

import (
	"bytes"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

func TestAJobEstimatesAtThePaceOfItsMachine(t *testing.T) {
	g := NewWithT(t)
	var out bytes.Buffer
	log := New(&out)
	job := log.Job("the node image", map[string]time.Duration{"kubelet": 2 * time.Minute, "etcd": 30 * time.Second, "load": 30 * time.Second})
	at := func(after time.Duration) (int, string) {
		now := job.start.Add(after)
		share, _ := job.estimate(now)
		return int(100 * share), job.remaining(now)
	}
	begin := func(name string, after time.Duration) { job.parts[name].begun = job.start.Add(after) }

	share, left := at(0)
	g.Expect(left).To(Equal("the node image in about 3 min"), "the usual times, before anything is known of this machine")
	g.Expect(share).To(Equal(0))

	begin("etcd", 0)
	job.Done("etcd")
	share, left = at(time.Minute)
	g.Expect(left).To(Equal("the node image in about 5 min"), "this machine took twice as long as usual for a sixth")
	g.Expect(share).To(Equal(16))

	begin("kubelet", time.Minute)
	share, left = at(time.Hour)
	g.Expect(share).To(Equal(76), "a part that takes very long is never taken for done")
	g.Expect(left).To(HavePrefix("the node image in about "))

	job.Done("kubelet")
	job.Begin("no part of it")
	job.Skip("no part of it")
	job.Done("load")
	share, left = at(2 * time.Hour)
	g.Expect(share).To(Equal(100))
	g.Expect(left).To(Equal("the node image in a few seconds"))
	job.End()
	g.Expect(log.job).To(BeNil())
}

func TestAnEstimateIsNoMoreExactThanItCanBe(t *testing.T) {
	g := NewWithT(t)
	g.Expect(about(8*time.Minute + 20*time.Second)).To(Equal("about 8 min"))
	g.Expect(about(89 * time.Second)).To(Equal("about 90 s"))
	g.Expect(about(14 * time.Second)).To(Equal("about 10 s"))
	g.Expect(about(0)).To(Equal("a few seconds"))
}

func TestANilJobEstimatesNothing(t *testing.T) {
	g := NewWithT(t)
	var log *Log
	job := log.Job("nothing", map[string]time.Duration{"part": time.Second})
	job.Begin("part")
	job.Done("part")
	job.End()
	g.Expect(New(&bytes.Buffer{}).Job("without parts", nil)).To(BeNil())
}

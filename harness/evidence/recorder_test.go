package evidence

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// With the race detector this fails if a change of another claim, or of the whole record, writes what a scenario reads of its
// own claim.
func TestConcurrentScenarios(t *testing.T) {
	g := NewWithT(t)
	record := &Record{}
	const scenarios, looks = 6, 20
	for i := range scenarios {
		record.Claims = append(record.Claims, &Claim{ID: fmt.Sprintf("claim.%d", i), Reason: "it was not finished", Points: []Point{{Says: "it is so"}}})
	}
	recorder, err := NewRecorder(filepath.Join(t.TempDir(), RecordFile), record)
	g.Expect(err).NotTo(HaveOccurred())

	var all sync.WaitGroup
	errs := make(chan error, 2*scenarios*looks)
	for i, own := range record.Claims {
		all.Go(func() {
			for look := range looks {
				errs <- recorder.ChangeClaim(own, func(c *Claim) {
					c.Points[0].Evidence = append(c.Points[0].Evidence, Evidence{Saw: fmt.Sprint(look, " ", token)})
				})
				if own.Reason == "" || own.Failed() || len(own.Points[0].Evidence) != look+1 {
					errs <- fmt.Errorf("%s is not as it was left", own.ID)
				}
				if i == 0 {
					errs <- recorder.Change(func(r *Record) { r.Failure = fmt.Sprint(look) })
				}
				recorder.Read(func(r *Record) { _ = r.Failed() })
			}
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(recorder.Change(func(*Record) {})).To(Succeed())
	written, err := Load(recorder.Path())
	g.Expect(err).NotTo(HaveOccurred())
	for _, c := range written.Claims {
		g.Expect(c.Points[0].Evidence).To(HaveLen(looks))
		g.Expect(c.Points[0].Evidence).To(HaveEach(HaveField("Saw", HaveSuffix(" [a token, masked]"))))
	}
}

// A run that is killed loses only the changes of the last moment.
func TestChangeOfAClaimIsWrittenSoon(t *testing.T) {
	g := NewWithT(t)
	own := &Claim{ID: "a.b"}
	recorder, err := NewRecorder(filepath.Join(t.TempDir(), RecordFile), &Record{Schema: Schema, Claims: []*Claim{own}})
	g.Expect(err).NotTo(HaveOccurred())
	onDisk := func() string {
		written, err := Load(recorder.Path())
		g.Expect(err).NotTo(HaveOccurred())
		return written.Claims[0].Reason
	}
	for _, reason := range []string{"first", "second"} {
		g.Expect(recorder.ChangeClaim(own, func(c *Claim) { c.Reason = reason })).To(Succeed())
		g.Eventually(onDisk).WithTimeout(time.Minute).Should(Equal(reason))
	}
	g.Expect(recorder.ChangeClaim(own, func(c *Claim) { c.Reason = "third" })).To(Succeed())
	g.Expect(recorder.Change(func(*Record) {})).To(Succeed())
	g.Expect(onDisk()).To(Equal("third"))
}

// The next change returns the error of a delayed write.
func TestChangeOfAClaimReportsAFailedWrite(t *testing.T) {
	g := NewWithT(t)
	own := &Claim{ID: "a.b"}
	dir := filepath.Join(t.TempDir(), "out")
	recorder, err := NewRecorder(filepath.Join(dir, RecordFile), &Record{Schema: Schema, Claims: []*Claim{own}})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(os.RemoveAll(dir)).To(Succeed())
	change := func() error { return recorder.ChangeClaim(own, func(*Claim) {}) }
	g.Expect(change()).To(Succeed())
	g.Eventually(change).WithTimeout(time.Minute).Should(MatchError(ContainSubstring(recorder.Path())))
	g.Expect(recorder.Change(func(*Record) {})).To(MatchError(ContainSubstring(recorder.Path())))
}

func TestARecordWithoutAClaimIsRefused(t *testing.T) {
	g := NewWithT(t)
	path := filepath.Join(t.TempDir(), RecordFile)
	g.Expect(os.WriteFile(path, []byte(`{"schema":1,"claims":[null]}`), 0o600)).To(Succeed())
	_, err := Load(path)
	g.Expect(err).To(MatchError(ContainSubstring("a claim is null")))
}

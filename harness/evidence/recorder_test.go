package evidence

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
)

// Under the race detector this fails as soon as a change of one claim, or of the record as a whole, writes what a scenario
// reads of its own claim.
func TestScenariosUseTheRecorderAtOnce(t *testing.T) {
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
	written, err := Load(recorder.Path())
	g.Expect(err).NotTo(HaveOccurred())
	for _, c := range written.Claims {
		g.Expect(c.Points[0].Evidence).To(HaveLen(looks))
		g.Expect(c.Points[0].Evidence).To(HaveEach(HaveField("Saw", HaveSuffix(" [a token, masked]"))))
	}
}

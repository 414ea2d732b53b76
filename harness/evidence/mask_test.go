package evidence

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
)

// token has the form of a service account's token, without a valid signature.
const token = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"

func TestNoTokenLeavesTheRecorder(t *testing.T) {
	g := NewWithT(t)
	path := filepath.Join(t.TempDir(), "verdicts.json")
	recorder, err := NewRecorder(path, &Record{})
	g.Expect(err).NotTo(HaveOccurred())

	leak := "it is " + token
	look := Evidence{Looked: leak, Wanted: leak, Saw: leak}
	g.Expect(recorder.Change(func(r *Record) {
		r.Failure, r.Environment = leak, Environment{Engine: leak, Nodes: []Node{{Name: leak}}}
		r.Claims = []*Claim{{
			Reason: leak, Correction: claim.Text{EN: leak}, Reproduce: leak,
			Points:  []Point{{Evidence: []Evidence{look}}},
			Control: []Control{{Evidence: []Evidence{look}}},
			Diagnosis: &Diagnosis{
				Events: []string{leak}, Pods: []string{leak}, Missing: []string{leak}, Logs: []Log{{Text: leak}},
			},
		}}
	})).To(Succeed())

	written, err := os.ReadFile(path)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(written)).NotTo(ContainSubstring("eyJ"))
	g.Expect(strings.Count(string(written), "it is [a token, masked]")).To(Equal(16))
	recorder.Read(func(r *Record) { g.Expect(r.Claims[0].Diagnosis.Logs[0].Text).To(Equal("it is [a token, masked]")) })
}

func TestMaskReachesEveryText(t *testing.T) {
	type inner struct{ Text string }
	type outer struct {
		Map     map[string]string
		Structs map[string]inner
		Lists   map[string][]string
		Any     any
		Inside  any
		Array   [1]inner
		Pointer *inner
		Nothing *inner
		None    any
		unseen  string
	}
	const masked = "[a token, masked]"
	g := NewWithT(t)
	value := &outer{
		Map: map[string]string{"a": token, token: "b", "c": "d"}, Structs: map[string]inner{"a": {token}},
		Lists: map[string][]string{"a": {token}}, Any: token, Inside: inner{token}, Array: [1]inner{{token}}, Pointer: &inner{token}, unseen: token,
	}
	g.Expect(mask(reflect.ValueOf(value))).To(BeTrue())
	g.Expect(value).To(Equal(&outer{
		Map: map[string]string{"a": masked, masked: "b", "c": "d"}, Structs: map[string]inner{"a": {masked}},
		Lists: map[string][]string{"a": {masked}}, Any: masked, Inside: inner{masked}, Array: [1]inner{{masked}}, Pointer: &inner{masked}, unseen: token,
	}))
	g.Expect(mask(reflect.ValueOf(value))).To(BeFalse(), "there is nothing left to mask")
}

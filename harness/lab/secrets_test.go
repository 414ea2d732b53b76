package lab

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/progress"
	"github.com/noteproof/noteproof/harness/internal/secret"
)

func TestNoSecretStandsInWhatARunWrites(t *testing.T) {
	const password = "the-password-of-the-proxy"
	secret.Know(password)
	for name, planted := range map[string]string{"a run": "", "a file that is not masked": "logs/kubelet.log"} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			lab, log := labOf(t.TempDir()), &bytes.Buffer{}
			lab.log = progress.New(log)
			entry := tried(t, lab, "v1.26.13", claim.SawFalse)
			lab.change(t, func() { entry.Points[0].Evidence[0].Saw = "curl: proxy " + password })
			lab.log.Say("the proxy wants %s", password)
			lab.failures = []error{errors.New("ask " + password)}
			dir := filepath.Dir(lab.recorder.Path())
			if planted != "" {
				g.Expect(os.MkdirAll(filepath.Join(dir, filepath.Dir(planted)), 0o755)).To(Succeed())
				g.Expect(os.WriteFile(filepath.Join(dir, planted), []byte(password), 0o600)).To(Succeed())
			}
			_, err := lab.finish(t.Context(), nil)
			record, loaded := evidence.Load(lab.recorder.Path())
			g.Expect(loaded).NotTo(HaveOccurred())
			holding, unread := secret.Files(dir)
			g.Expect(unread).NotTo(HaveOccurred())
			if planted == "" {
				g.Expect(holding).To(BeEmpty())
				g.Expect(record.Failure).To(Equal("ask [a secret, masked]"))
			} else {
				g.Expect(holding).To(ConsistOf(filepath.Join(dir, planted)))
				for _, told := range []string{err.Error(), record.Failure, log.String()} {
					g.Expect(told).To(ContainSubstring("stands in " + filepath.Join(dir, planted)))
				}
			}
			g.Expect(log.String()).To(And(ContainSubstring("the proxy wants [a secret, masked]"), Not(ContainSubstring(password))))
		})
	}
}

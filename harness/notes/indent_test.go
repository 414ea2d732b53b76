package notes_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/notes"
)

func TestIndent(t *testing.T) {
	for name, want := range map[string]string{
		"two containers": `apiVersion: v1
kind: Pod
metadata:
  name: pod-1
spec:
  containers:
  - name: container1
    image: web
    ports:
    - containerPort: 8000
  - name: container2
    image: web
    ports:
    - containerPort: 8080
`,
		"slips stay": `kind: Pod
metadata:
  name: pod-1
sepc:
  containers:
  - name: container1
    ports:
    - continaerPort: 8000
  - name: container2
    ports:
      -continaerPort: 8080
`,
		"a Service": `apiVersion: v1
kind: Service
metadata:
  name: svc-1
spec:
  selector:
    app: pod
  ports:
  - port: 9000
    targetPort: 8080
`,
		"nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			flat := ""
			for line := range strings.Lines(want) {
				flat += strings.TrimLeft(line, " ")
			}
			NewWithT(t).Expect(notes.Indent(flat)).To(Equal(want))
		})
	}
}

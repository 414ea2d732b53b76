package breaks

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestParseProcesses(t *testing.T) {
	for _, c := range []struct {
		name, text string
		wanted     []process
		fails      bool
	}{
		{name: "none"},
		{
			name: "two, one of them stopped, with an empty argument",
			text: "process 12 S\n etcd\n --name=a b\n \nprocess 345 T\n etcd\n",
			wanted: []process{
				{pid: 12, state: "S", command: []string{"etcd", "--name=a b", ""}},
				{pid: 345, state: "T", command: []string{"etcd"}},
			},
		},
		{name: "another line", text: "error: no /proc\n", fails: true},
		{name: "no number", text: "process x S\n", fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := parseProcesses(c.text)
			if c.fails {
				NewWithT(t).Expect(err).To(HaveOccurred())
				return
			}
			NewWithT(t).Expect(err).NotTo(HaveOccurred())
			NewWithT(t).Expect(found).To(Equal(c.wanted))
		})
	}
}

package breaks

import (
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

func TestSetField(t *testing.T) {
	text := kubeadmFile(t, "kubelet.yaml")
	for _, c := range []struct {
		name, field string
		value       any
	}{
		{"a field that is not there", "cpuCFSQuota", false},
		{"a field that is there", "failCgroupV1", true},
		{"a list", "nodePortAddresses", []any{"127.0.0.0/8"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := NewWithT(t)
			edited, err := setField(text, c.field, c.value)
			g.Expect(err).NotTo(HaveOccurred())
			var before, after map[string]any
			g.Expect(yaml.Unmarshal([]byte(text), &before)).To(Succeed())
			g.Expect(yaml.Unmarshal([]byte(edited), &after)).To(Succeed())
			g.Expect(after).To(HaveKeyWithValue(c.field, c.value))
			before[c.field] = c.value
			g.Expect(after).To(Equal(before), "nothing else is changed")
		})
	}
}

func TestSetFieldOfNoDocument(t *testing.T) {
	_, err := setField("- a list", "cpuCFSQuota", false)
	NewWithT(t).Expect(err).To(HaveOccurred())
}

package probe

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestStoredField(t *testing.T) {
	object := map[string]any{"spec": map[string]any{
		"containers": []any{map[string]any{"name": "web", "livenessProbe": map[string]any{"grpc": map[string]any{"port": 80.0}}}},
		"nothing":    nil,
	}}
	for field, want := range map[string]string{
		"spec.containers.0.livenessProbe.grpc": `{"port":80}`,
		"spec.containers.0.name":               `"web"`,
		"spec.containers.1.name":               "",
		"spec.containers.web.name":             `"web"`,
		"spec.containers.other.name":           "",
		"spec.containers.0.name.more":          "",
		"spec.nothing":                         "",
		"status":                               "",
	} {
		t.Run(field, func(t *testing.T) {
			g := NewWithT(t)
			stored, err := StoredField(object, field)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(stored).To(Equal(Stored{Field: field, Value: want}))
		})
	}
	g := NewWithT(t)
	g.Expect(Stored{Field: "spec.x"}.String()).To(Equal("spec.x is dropped"))
	g.Expect(Stored{Field: "spec.x", Value: "1"}.String()).To(Equal("spec.x: 1"))
	g.Expect(Stored{Refusal: Answer{Status: 422, Body: "no"}}.String()).To(Equal(`refused: HTTP 422 "no"`))
}

package stage

import (
	"strings"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/noteproof/noteproof/manifests"
)

func TestReadManifestReportsErrors(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: agnhost}]}\n"
	for name, test := range map[string]struct{ text, wrong string }{
		"valid":            {"# pod.x: why\n" + pod, ""},
		"no first line":    {pod, `pod/x.yaml:1: the first line must name the claim`},
		"another claim":    {"# pod.xy\n" + pod, `pod/x.yaml:1: the first line must name the claim`},
		"unknown field":    {"# pod.x\n" + strings.Replace(pod, "spec:", "sepc:", 1), `manifests/pod/x.yaml:1: strict decoding error: unknown field "sepc"`},
		"duplicate field":  {"# pod.x\n" + pod + "kind: Pod\n", `key "kind" already set`},
		"second document":  {"# pod.x\n" + pod + "---\n" + pod + "more: 1\n", `manifests/pod/x.yaml:7: strict decoding error: unknown field "more"`},
		"own namespace":    {"# pod.x\n" + strings.Replace(pod, "web}", "web, namespace: mine}", 1), `pod/web sets a namespace`},
		"no name":          {"# pod.x\n" + strings.Replace(pod, "{name: web}", "{}", 1), `pod/ has no name`},
		"twice":            {"# pod.x\n" + pod + "---\n" + pod, `manifests/pod/x.yaml:7: pod/web is in the manifest twice`},
		"indentation":      {"# pod.x\n" + pod + "---\n" + pod + "  more: 1\n", `manifests/pod/x.yaml:10: YAML: did not find`},
		"custom resource":  {"# pod.x\napiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\nspec: {any: 1}\n", ""},
		"duplicate in it":  {"# pod.x\napiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\nkind: Thing\n", `key "kind" already set`},
		"without a name":   {"# pod.x\napiVersion: example.com/v1\nkind: Thing\nmetadata: {}\n", `example.com/v1, Kind=Thing has no name`},
		"unknown kind":     {"# pod.x\napiVersion: apps/v1\nkind: Deploiment\nmetadata: {name: a}\n", `there is no kind "Deploiment" in "apps/v1"`},
		"unknown in items": {"# pod.x\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, sepc: {}}\n", `item 1: strict decoding error: unknown field "sepc"`},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, err := ReadManifest(fstest.MapFS{"pod/x.yaml": {Data: []byte(test.text)}}, "pod.x")
			if test.wrong == "" {
				g.Expect(err).NotTo(HaveOccurred())
				return
			}
			g.Expect(err).To(MatchError(ContainSubstring(test.wrong)))
		})
	}
	_, err := ReadManifest(fstest.MapFS{}, "pod.x")
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("claim pod.x has no manifest")))
}

func TestItemsOfAListShareAnchors(t *testing.T) {
	g := NewWithT(t)
	manifest, err := ReadManifest(manifests.FS, "schedule.memory-over-limit")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(manifest.Objects).To(HaveLen(5))
	g.Expect(Name(manifest.Objects[3])).To(Equal("pod/under"))
}

func TestPodsThatTolerateEveryTaintAreKeptOffTheSpareWorker(t *testing.T) {
	g := NewWithT(t)
	pod := func(tolerations, affinity string) map[string]any {
		spec := map[string]any{}
		g.Expect(yaml.Unmarshal([]byte("{tolerations: "+tolerations+affinity+"}"), &spec)).To(Succeed())
		return spec
	}
	const (
		all    = "[{operator: Exists}]"
		ofOne  = "[{key: a, operator: Exists}]"
		off    = "matchFields: [{key: metadata.name, operator: NotIn, values: [spare]}]"
		before = ", affinity: {podAffinity: {}, nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
	)
	spare := Props{Spare: "spare"}
	g.Expect(spare.substitute(pod(all, ""))).To(Equal(pod(all, ", affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{"+off+"}]}}}")))
	g.Expect(spare.substitute(pod(all, before+"[{matchExpressions: [{key: x}]}]}}}"))).To(Equal(pod(all, before+"[{matchExpressions: [{key: x}], "+off+"}]}}}")))
	g.Expect(spare.substitute(pod(ofOne, ""))).To(Equal(pod(ofOne, "")))
	g.Expect(Props{}.substitute(pod(all, ""))).To(Equal(pod(all, "")))
}

func TestPropsAreSubstituted(t *testing.T) {
	g := NewWithT(t)
	props := Props{Image: "example/agnhost:1", Workers: []string{"alpha", "beta"}, Hostnames: map[string]string{"beta": "beta.example"}, ownName: "np-x"}
	substituted := props.substitute(map[string]any{
		"nodeName":     "worker-2",
		"values":       []any{"worker-1", "worker-3", "agnhost"},
		"hostPath":     map[string]any{"path": "node-folder"},
		"className":    "own-name",
		"nodeSelector": map[string]any{"kubernetes.io/hostname": "worker-2"},
		"affinity":     map[string]any{"key": "kubernetes.io/hostname", "values": []any{"worker-1", "worker-2"}},
		"containers":   []any{map[string]any{"image": "agnhost", "name": "agnhost"}, map[string]any{"image": "other"}},
	})
	g.Expect(substituted).To(Equal(map[string]any{
		"nodeName":     "beta",
		"values":       []any{"alpha", "worker-3", "agnhost"},
		"hostPath":     map[string]any{"path": "/var/tmp/np-x"},
		"className":    "np-x",
		"nodeSelector": map[string]any{"kubernetes.io/hostname": "beta.example"},
		"affinity":     map[string]any{"key": "kubernetes.io/hostname", "values": []any{"alpha", "beta.example"}},
		"containers":   []any{map[string]any{"image": "example/agnhost:1", "name": "agnhost"}, map[string]any{"image": "other"}},
	}))
}

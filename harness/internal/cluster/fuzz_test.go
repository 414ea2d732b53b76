package cluster

import (
	"strings"
	"testing"
)

func FuzzEngineOutput(f *testing.F) {
	for _, seed := range []string{
		`[{"Id":"a","Name":"/noteproof-x-worker","Image":"sha256:b","State":{"Running":true},"Config":{"Image":"i","Labels":{"io.x-k8s.kind.cluster":"noteproof-x","io.x-k8s.kind.role":"worker"}},"NetworkSettings":{"Networks":{"kind":{"IPAddress":"10.89.0.2","IPPrefixLen":24,"Gateway":"10.89.0.1","GlobalIPv6Address":"fd00::2","GlobalIPv6PrefixLen":64}}}}]`,
		`[null]`, `[]`, `{}`, ``, `[{"NetworkSettings":{"Networks":{"kind":{"IPAddress":"10.0.0.1","IPPrefixLen":99}}}}]`,
		"10.89.0.200 dev eth0 lladdr aa:bb REACHABLE\nfd00::1%eth0 dev\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found, err := parseContainers(text)
		for _, c := range found {
			if err != nil || !strings.HasPrefix(c.Cluster, Prefix) {
				t.Errorf("%q has the container %+v of another's cluster (%v)", text, c, err)
			}
		}
		if volumes, err := parseVolumes(text); err == nil {
			for _, v := range volumes {
				if v.Cluster != "" && !strings.HasPrefix(v.Cluster, Prefix) {
					t.Errorf("%q has the volume %+v of another's cluster", text, v)
				}
			}
		}
		if _, err := parseNetworks(text); err != nil && err.Error() == "" {
			t.Error("the error says nothing")
		}
		four, six, used, err := parseAddresses(text, "kind")
		if err == nil && (!four.IsValid() || !four.Addr().Is4() || len(used) == 0 || six.IsValid() && six != six.Masked()) {
			t.Errorf("%q has the networks %s and %s", text, four, six)
		}
		for _, address := range neighbours(text) {
			if !address.IsValid() || !strings.Contains(strings.ToLower(text), ":") && !strings.Contains(text, ".") {
				t.Errorf("%q has the neighbour %s", text, address)
			}
		}
	})
}

func FuzzParseVariant(f *testing.F) {
	const head = "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n"
	for _, seed := range []string{
		head, head + "nodes: [{role: control-plane}, {role: worker}]\n---\nkind: ConfigMap\n", head + "name: x\n", head + "nodes: []\n", "kind: Pod\n", "", "---\n", head + "nodse: 1\n",
		head + "nodes: [{role: control-plane, image: x}]\n", "a: &a [*a]\n", head + "---\n- 1\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := ParseVariant("x", text)
		if err != nil {
			if err.Error() == "" {
				t.Error("the error says nothing")
			}
			return
		}
		if v.config.Kind != "Cluster" || v.config.Name != "" {
			t.Errorf("%q was accepted", text)
		}
		if again, err := ParseVariant("x", text); err != nil || again.hash != v.hash || string(again.manifests) != string(v.manifests) {
			t.Errorf("%q is not the same twice (%v)", text, err)
		}
	})
}

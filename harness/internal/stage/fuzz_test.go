package stage

import (
	"testing"
	"testing/fstest"
)

func FuzzReadManifest(f *testing.F) {
	for _, seed := range []string{
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: agnhost}]}\n---\n# nothing\n",
		"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}]}\n",
		"apiVersion: example.com/v1\nkind: Custom\nmetadata: {name: a}\n", "apiVersion: example.com/v1\nkind: CustomList\nitems: [1]\n",
		"kind: Pod\n", "a: &a [*a]\n", "{", "---\n---\n", "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\n", "\x00", "apiVersion: v1\nkind: List\nitems: [null]\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		manifest, err := ReadManifest(fstest.MapFS{ManifestPath("a.b"): {Data: append([]byte("# a.b\n"), text...)}}, "a.b")
		if err != nil {
			return
		}
		for _, object := range manifest.Objects {
			if object.GetKind() == "" || object.GetAPIVersion() == "" || object.GetName() == "" || object.GetNamespace() != "" {
				t.Errorf("%q has the object %v", text, object)
			}
		}
	})
}

package evidence

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		`{"schema":1,"version":"v1.37.2","claims":[{"id":"a.b","points":[{"says":"x","expected":true,"observed":null}]}]}`,
		`{"schema":1,"claims":[null]}`, `{"schema":99,"claims":[]}`, `{"schema":1,"records":[]}`, `[1]`, `{`, ``, `null`, `{"schema":1,"claims":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		write := func(name string, text []byte) string {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		record, err := Load(write("a.json", text))
		if err != nil {
			if !strings.Contains(err.Error(), "a.json") || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error does not name the file on one line: %v", err)
			}
			return
		}
		once, err := encode(record)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Load(write("b.json", once))
		if err != nil {
			t.Fatalf("what was written of %s cannot be read: %v", text, err)
		}
		if twice, err := encode(again); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%s is written as %s and then as %s (%v)", text, once, twice, err)
		}
		mask(reflect.ValueOf(again))
		if mask(reflect.ValueOf(again)) {
			t.Errorf("masked again, %s changes", text)
		}
	})
}

func FuzzFolder(f *testing.F) {
	for _, seed := range [][2]string{
		{"v1.37.2", ""}, {"v1.37.2+nftables", ""}, {"", ""}, {"v1.37.2", "운영"}, {"v1.37.2", "arn:aws:eks:eu-1:1:cluster/x"}, {"v1.37.2-gke.1+x", ".."}, {"../..", "a/../b"}, {"v1.37.2", strings.Repeat("long-", 80)},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, target, adopted string) {
		folder := Folder(target, adopted)
		if folder == "" || folder != filepath.Base(folder) || !filepath.IsLocal(folder) || folder == "." || strings.ContainsAny(folder, "/\\: \x00") || len(folder) > 255 {
			t.Errorf("Folder(%q, %q) = %q is not the name of a directory", target, adopted, folder)
		}
		if (adopted != "") != strings.Contains(folder, "@") {
			t.Errorf("Folder(%q, %q) = %q does not tell whose cluster it is", target, adopted, folder)
		}
		version, cluster := parseFolder(filepath.Join("out", folder))
		if rest, found := strings.CutPrefix(folder, version); !found || rest != cluster && rest != "@"+cluster {
			t.Errorf("%q is of %q and %q", folder, version, cluster)
		}
		if same := Folder(target, adopted); same != folder {
			t.Errorf("it is %q and then %q", folder, same)
		}
		if adopted != "" && Folder(target, adopted+"!") == folder {
			t.Errorf("two clusters have the folder %q", folder)
		}
	})
}

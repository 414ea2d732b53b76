package secret

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func TestMaskKnows(t *testing.T) {
	const password = `öffne "dich" & <Sesam>`
	key := strings.ReplaceAll(pem, "MIIEvQ+/", "Kn0wnKey")
	Know(password, " opaque-token-0123456789 \n", "", "short", key, "a secret", "zz-"+strings.Repeat("long", 10), "opaque-token-0123456789", "opaque-token-0123-other-one")
	for text, masked := range map[string]string{
		"it is " + password: "it is " + aSecret,
		`{"it":"öffne \"dich\" \u0026 \u003cSesam\u003e"}`:           `{"it":"` + aSecret + `"}`,
		"öffne &#34;dich&#34; &amp; &lt;Sesam&gt;":                   aSecret,
		"?p=%C3%B6ffne+%22dich%22+%26+%3CSesam%3E&q":                 "?p=" + aSecret + "&q",
		base64.StdEncoding.EncodeToString([]byte(password)) + " end": aSecret + " end",
		"opaque-token-0123456789, opaque-token-0123456789":           aSecret + ", " + aSecret,
		"opaque-token-0123…":                                         aSecret + "…", // cut short
		"opaque-token-0123-other-one":                                aSecret,
		"opaque-token-01":                                            "opaque-token-01",
		"opaque-token-0123opaque":                                    aSecret + "opaque",
		strings.Repeat("Kn0wnKey", 8) + "\n":                         aSecret + "\n", // a line of the key
		"a short text about a secret":                                "a short text about a secret",
	} {
		g := NewWithT(t)
		g.Expect(Mask(text)).To(Equal(masked))
		g.Expect(Mask(masked)).To(Equal(masked))
	}
}

func TestFilesWithASecret(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		g.Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
		g.Expect(os.WriteFile(path, []byte(text), 0o600)).To(Succeed())
		return path
	}
	Know("a-password-in-a-file")
	write("fine.md", "a-password-in-a-fil, and nothing more")
	g.Expect(Files(dir)).To(BeEmpty())
	plain := write("below/plain.log", "it says a-password-in-a-file twice: a-password-in-a-file")
	encoded := write("encoded.yaml", base64.StdEncoding.EncodeToString([]byte("a-password-in-a-file")))
	g.Expect(Files(dir)).To(ConsistOf(plain, encoded))

	_, err := Files(filepath.Join(dir, "none"))
	g.Expect(err).To(MatchError(ContainSubstring("look for secrets in ")))
}

func TestInEnvironment(t *testing.T) {
	for variable, want := range map[string][]string{
		"HTTPS_PROXY=http://mia:s3cret@proxy:3128":                           {"s3cret", "mia:s3cret"},
		"http_proxy=mia:s3cret@proxy:3128":                                   {"s3cret", "mia:s3cret"},
		"GOPROXY=https://mia:p%40ss@go.corp,https://u:two@b/c,direct":        {"p%40ss", "mia:p%40ss", "p@ss", "mia:p@ss", "two", "u:two"},
		"NOTEPROOF_REGISTRY=docker.io=mia:s3cret@localhost:5000,quay.io=q:1": {"s3cret", "mia:s3cret"},
		"NOTEPROOF_IMAGE=agnhost:2.53@sha256:0123456789abcdef":               nil,
		"HTTP_PROXY=http://proxy:3128":                                       nil,
		"NO_PROXY=10.0.0.0/8,localhost:80,.corp":                             nil,
		"DATABASE_URL=postgres://postgres:postgres@localhost":                nil,
		"EMPTY": nil,
	} {
		got := InEnvironment([]string{variable})
		slices.Sort(got)
		slices.Sort(want)
		NewWithT(t).Expect(slices.Compact(got)).To(Equal(want), variable)
	}
}

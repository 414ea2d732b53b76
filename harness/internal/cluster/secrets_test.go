package cluster

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/secret"
)

func TestSecretsOfAKubeconfigAreKnown(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	pem := func(line string) string {
		return "-----BEGIN " + "PRIVATE KEY-----\n" + strings.Repeat(line, 8) + "\n-----END " + "PRIVATE KEY-----\n"
	}
	inBase64 := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	files := map[string]string{"token": "the-token-in-a-file\n", "key.pem": pem("FileKey1")}
	for name, text := range files {
		g.Expect(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)).To(Succeed())
	}
	path := filepath.Join(dir, "config")
	g.Expect(os.WriteFile(path, []byte(`apiVersion: v1
kind: Config
current-context: team
contexts: [{name: team, context: {cluster: c, user: me}}]
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1", proxy-url: "http://proxyuser:the-proxy-password@127.0.0.1:2"}}]
users:
- {name: me, user: {token: the-opaque-token, client-key-data: `+inBase64(pem("DataKey1"))+`}}
- {name: basic, user: {username: mia, password: the-basic-password}}
- {name: files, user: {tokenFile: token, client-key: key.pem}}
- {name: provider, user: {auth-provider: {name: oidc, config: {refresh-token: the-refresh-token, idp-issuer-url: "https://issuer.example"}}}}
- {name: exec, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, interactiveMode: Never, env: [{name: AWS_SECRET_ACCESS_KEY, value: the-access-key}, {name: AWS_PROFILE, value: production}]}}}
`), 0o600)).To(Succeed())
	_, err := (&Cluster{spec: Spec{Kubeconfig: path}}).RESTConfig()
	g.Expect(err).NotTo(HaveOccurred())
	for _, known := range []string{
		"the-opaque-token", "the-basic-password", "the-token-in-a-file", "the-refresh-token", "the-access-key", "the-proxy-password",
		strings.Repeat("DataKey1", 8), strings.Repeat("FileKey1", 8), inBase64("mia:the-basic-password"),
	} {
		g.Expect(secret.Mask("it is "+known)).NotTo(ContainSubstring(known[:8]), known)
	}
	const harmless = "https://issuer.example, production, mia and https://127.0.0.1:1"
	g.Expect(secret.Mask(harmless)).To(Equal(harmless))
}

package secret

import (
	"encoding/base64"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// jwt has the form of a service account's token, without a valid signature.
const jwt = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"

// pem has the form of a private key; its type is put together, so that no scanner takes it for one.
var pem = "-----BEGIN " + "PRIVATE KEY-----\n" + strings.Repeat(strings.Repeat("MIIEvQ+/", 8)+"\n", 3) + "AbCd==\n-----END " + "PRIVATE KEY-----\n"

func TestMask(t *testing.T) {
	inBase64 := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	wrapped := inBase64(pem)[:76] + "\n" + inBase64(pem)[76:152] + "\n" + inBase64(pem)[152:]
	for name, test := range map[string]struct{ text, masked string }{
		"a JWT":                         {jwt, aToken},
		"in a sentence":                 {"token:      " + jwt + "\nca.crt:", "token:      " + aToken + "\nca.crt:"},
		"two":                           {jwt + "," + jwt, aToken + "," + aToken},
		"cut in the end":                {jwt[:50] + " …", aToken + " …"},
		"cut early":                     {jwt[:20] + " …", aToken + " …"},
		"in base64":                     {`{"token":"` + inBase64(jwt) + `"}`, `{"token":"` + aToken + `"}`},
		"a key":                         {"key: " + pem + "end", "key: " + aKey + "\nend"},
		"a certificate in one line":     {`"ca.crt": "` + strings.ReplaceAll(strings.ReplaceAll(pem, "PRIVATE KEY", "CERTIFICATE"), "\n", `\n`) + `"`, `"ca.crt": "` + aKey + `\n"`},
		"an encrypted key":              {strings.Replace(pem, "-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,F00\n\n", 1), aKey + "\n"},
		"a key that is cut short":       {pem[:100] + "…, and more", aKey + "…, and more"},
		"two keys":                      {pem + pem, aKey + "\n" + aKey + "\n"},
		"a key of a kubeconfig":         {"client-key-data: " + inBase64(pem) + "\n  user: x", "client-key-data: " + aKey + "\n  user: x"},
		"a key in lines of base64":      {"tls.key: " + wrapped + "\nkind: Secret", "tls.key: " + aKey + "\nkind: Secret"},
		"half of it":                    {inBase64(pem)[:60] + "…", aKey + "…"},
		"a bootstrap token":             {"kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef --discovery", "kubeadm join 10.0.0.1:6443 --token " + aToken + " --discovery"},
		"two of them":                   {"abcdef.0123456789abcdef j02wd7.xq9k4zv8b1m6n3p5", aToken + " " + aToken},
		"one at the end of a sentence":  {"It is \"abcdef.0123456789abcdef\".", "It is \"" + aToken + "\"."},
		"a token of OpenShift":          {"oc login --token=sha256~MfQ9wbAbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-", "oc login --token=" + aToken},
		"a token of EKS":                {`"token": "k8s-aws-v1.aHR0cHM6Ly9zdHMuYW1hem9uYXdzLmNvbS8_QWN0aW9u"`, `"token": "` + aToken + `"`},
		"a token of Google":             {"access-token: ya29.a0AfH6SMBx-1234567890_abc, expiry", "access-token: " + aToken + ", expiry"},
		"a proxy":                       {`Get "http://mia:s3cret@proxy.corp:3128/": EOF`, `Get "http://` + credentials + `@proxy.corp:3128/": EOF`},
		"a password with an @ and a :":  {"https://mia:s3:cr@t@h/x?y=a@b", "https://" + credentials + "@h/x?y=a@b"},
		"a password alone":              {"redis://:s3cret@cache", "redis://" + credentials + "@cache"},
		"a header":                      {"> Authorization: Bearer abc.def\r\n> Accept: */*", "> Authorization: " + credentials + "\r\n> Accept: */*"},
		"a header without a scheme":     {"Authorization: t0psecret", "Authorization: " + credentials},
		"a header in lower case":        {"< authorization: basic bWlhOnMzY3JldA==", "< authorization: " + credentials},
		"a header of a proxy":           {"Proxy-Authorization: Basic bWlhOnMzY3JldA==", "Proxy-Authorization: " + credentials},
		"a header in JSON":              {`{"Authorization":"Bearer abc","Accept":"x"}`, `{"Authorization":"` + credentials + `","Accept":"x"}`},
		"a header in a map of Go":       {`map[Authorization:[Bearer abc] Accept:[x]]`, `map[Authorization:` + credentials + `] Accept:[x]]`},
		"a header on a command line":    {`curl -H "Authorization: Bearer abc" https://x`, `curl -H "Authorization: ` + credentials + `" https://x`},
		"a header with a token in it":   {"Authorization: Bearer " + jwt, "Authorization: " + credentials},
		"a header with a mask in it":    {"Authorization: " + credentials, "Authorization: " + credentials},
		"a user, a password and an end": {"postgres://u:p@h", "postgres://" + credentials + "@h"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(Mask(test.text)).To(Equal(test.masked))
			g.Expect(Mask(test.masked)).To(Equal(test.masked), "a second time")
		})
	}
}

func TestWhatIsNoSecretStays(t *testing.T) {
	for _, text := range []string{
		"kubectl create token admin-user",
		"eyJ and eyJ.x",
		"registry.k8s.io/e2e-test-images/agnhost@sha256:99c6b4bb4a1e1df3f0b3752168c89358794d02258ebebc26bf21c29399011a85",
		"docker-pullable://busybox:1.36@sha256:99c6b4bb4a1e1df3f0b3752168c89358794d02258ebebc26bf21c29399011a85",
		"containerd://99c6b4bb4a1e1df3f0b3752168c89358794d02258ebebc26bf21c29399011a85",
		"sha256~ is how OpenShift's tokens begin",
		"uid=8d56a56a-30a5-4f7c-9f10-9f6bd4a8e1c7 resourceVersion=123456789 generation=2",
		"the commit 34ab76e0123456789abcdef0123456789abcdef0",
		"the event single.185f6e1c0a9b2c3d of the Pod single",                                 // its name ends with nanoseconds
		"the event pod-abcdef.185f6e1c0a9b2c3d, the host abcdef.0123456789abcdef.example.com", // longer names
		"/var/lib/abcdef.0123456789abcdef/data",
		"default.svc.cluster.local and single.localdomain",
		"k8s.io/kubernetes v1.37.2-0.20261129123456-0123456789ab",
		"http://10.96.0.1:443/healthz, http://[fd00::1]:8080/, http://web.default:9000 and mia@example.com",
		"ssh://git@host/path and https://proxy.golang.org,direct",
		"authorization: the account may not list nodes",
		"authorization:\n  mode: Webhook",
		"Basic authentication, a bearer token",
		"-----BEGIN in the middle of a text",
		"LS0tLS1CRUdJ",
		"v1.37.2+nftables ya29. k8s-aws-v1.",
	} {
		NewWithT(t).Expect(Mask(text)).To(Equal(text))
	}
}

package secret

import (
	"strings"
	"testing"
)

func FuzzMask(f *testing.F) {
	for _, seed := range []string{
		jwt, pem, "Authorization: Bearer " + jwt + "]", "https://u:p@h,https://u:" + jwt + "@h", "abcdef.0123456789abcdef abcdef.0123456789abcdef",
		"sha256~abcdefghijklmno k8s-aws-v1.abcdefghijkl ya29.abcdefghijkl.m", "LS0tLS1CRUdJTiBabc\n" + strings.Repeat("a", 50), "-----BEGIN A-----eyJabcdefghij",
		"proxy-authorization = 'basic x' Authorization:\"[\"", "a://:@b a://b:c@sha256:d docker://x:1@sha256:e",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := Mask(text)
		if again := Mask(once); again != once {
			t.Errorf("Mask(%q) = %q, and again %q", text, once, again)
		}
	})
}

func FuzzKnow(f *testing.F) {
	f.Add("s3cret-password", "it is ")
	f.Add("öffne \"dich\" & <Sesam>", "x")
	f.Add(pem, "")
	f.Fuzz(func(t *testing.T, value, text string) {
		value = strings.TrimSpace(value)
		if len(value) < shortest || strings.Contains(aSecret+aToken+aKey+credentials, value) {
			return
		}
		known.forms, known.heads, known.tails = nil, nil, nil
		Know(value)
		if masked := Mask(text + value + text); strings.Contains(masked, value) && !strings.Contains(Mask(text+text), value) && !strings.ContainsAny(value, "[]") {
			t.Errorf("Mask(%q) = %q contains %q", text+value+text, masked, value)
		}
	})
}

func FuzzInEnvironment(f *testing.F) {
	f.Add("HTTP_PROXY=http://mia:s3cret@proxy:3128")
	f.Add("NOTEPROOF_REGISTRY=docker.io=mia:s3cret@localhost:5000,quay.io=q:1")
	f.Add("X=%zz://%:%@")
	f.Fuzz(func(t *testing.T, variable string) {
		for i, found := range InEnvironment([]string{variable}) {
			if i == 0 && !strings.Contains(variable, found) {
				t.Errorf("%q holds %q", variable, found)
			}
		}
	})
}

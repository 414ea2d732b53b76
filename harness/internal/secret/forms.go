package secret

import (
	"regexp"
	"slices"
	"strings"
)

// What stands in place of a secret.
const (
	aToken      = "[a token, masked]"
	aKey        = "[a key or certificate, masked]"
	credentials = "[credentials, masked]"
	aSecret     = "[a secret, masked]"
)

// form is what secrets of a kind look like.
type form struct {
	possible func(text string) bool // is quick, and false for nearly all texts without one
	matches  *regexp.Regexp
	mask     func(submatches []string) string // returns what replaces a match
}

// has returns whether a text contains all of these.
func has(these ...string) func(text string) bool {
	return func(text string) bool {
		return !slices.ContainsFunc(these, func(this string) bool { return !strings.Contains(text, this) })
	}
}

func always(text string) func([]string) string { return func([]string) string { return text } }

// forms are applied in this order. Each matches a secret that was cut short, too.
var forms = []form{
	// PEM blocks, also with line ends that are escaped. One that was cut short ends at the first character that base64 lacks.
	{has("-----BEGIN "), regexp.MustCompile(`-----BEGIN [A-Z0-9 ]+-----(?:(?s:.*?)-----END [A-Z0-9 ]+-----|[A-Za-z0-9+/=\s\\]*)`), always(aKey)},
	// The same encoded in base64 once more, as in a kubeconfig or a Secret, also in several lines.
	{has("LS0tLS1CRUdJTi"), regexp.MustCompile(`LS0tLS1CRUdJTi[A-Za-z0-9+/]*(?:(?:\\n|\s)+[A-Za-z0-9+/]{40,})*={0,2}`), always(aKey)},
	// The value of a header. In lower case, where it may be a word of a sentence, only one that begins with a scheme.
	{has("uthorization"), regexp.MustCompile(`\b((?:(?i:proxy-))?[Aa]uthorization["']?[ \t]*[:=][ \t]*["']?)([^\s"'][^\r\n"'\]]*)`), func(m []string) string {
		if strings.HasPrefix(m[2], credentials[:len(credentials)-1]) || !strings.Contains(m[1], "Authorization") && !scheme.MatchString(m[2]) {
			return m[0]
		}
		return m[1] + credentials
	}},
	// JSON Web Tokens (RFC 7519), which begin with the base64 of `{"`, and tokens encoded in base64 once more, as in a Secret.
	{has("eyJ"), regexp.MustCompile(`eyJ[\w-]{8,}(?:\.[\w-]*){0,2}`), always(aToken)},
	{has("ZXlK"), regexp.MustCompile(`ZXlK[\w+/-]{8,}={0,2}`), always(aToken)},
	// Tokens of OpenShift, of EKS and of Google.
	{has("sha256~"), regexp.MustCompile(`\bsha256~[\w-]{10,}`), always(aToken)},
	{has("k8s-aws-v1."), regexp.MustCompile(`\bk8s-aws-v1\.[\w-]{10,}=*`), always(aToken)},
	{has("ya29."), regexp.MustCompile(`\bya29\.[\w-]{10,}(?:\.[\w-]+)*`), always(aToken)},
	// A user and a password in a URL. docker-pullable://busybox:1.36@sha256:… is an image.
	{has("://", "@"), regexp.MustCompile(`\b([A-Za-z][A-Za-z0-9+.-]*://)[^\s/?#@:"'<>[\]]*:[^\s/?#"'<>]+@(sha\d+:)?`), func(m []string) string {
		if m[2] != "" {
			return m[0]
		}
		return m[1] + credentials + "@"
	}},
	// Bootstrap tokens of kubeadm. What belongs to a longer name is none, such as a host name, and the name of an event is none:
	// it ends with nanoseconds in hexadecimal digits.
	{hasLongWordAfterDot, regexp.MustCompile(`[\w./-]*\.[\w./-]+`), func(m []string) string {
		if bootstrapToken.MatchString(m[0]) && !nanoseconds.MatchString(m[0]) {
			return aToken
		}
		return m[0]
	}},
}

// hasLongWordAfterDot returns whether a dot is followed by at least 16 small letters and digits.
func hasLongWordAfterDot(text string) bool {
	for part := range strings.SplitSeq(text, ".") {
		if rest := strings.TrimLeft(part[:min(len(part), 16)], "abcdefghijklmnopqrstuvwxyz0123456789"); rest == "" && len(part) >= 16 {
			return true
		}
	}
	return false
}

var (
	scheme         = regexp.MustCompile(`^\[?(?i:bearer|basic|digest|negotiate|aws4-hmac-sha256)\s`)
	bootstrapToken = regexp.MustCompile(`^[a-z0-9]{6}\.[a-z0-9]{16}\.?$`)
	nanoseconds    = regexp.MustCompile(`\.1[a-f0-9]{15}$`)
)

// apply masks what has this form.
func (f form) apply(text string) string {
	if !f.possible(text) {
		return text
	}
	var masked strings.Builder
	end := 0
	for _, at := range f.matches.FindAllStringSubmatchIndex(text, -1) {
		submatches := make([]string, len(at)/2)
		for i := range submatches {
			if at[2*i] >= 0 {
				submatches[i] = text[at[2*i]:at[2*i+1]]
			}
		}
		masked.WriteString(text[end:at[0]])
		masked.WriteString(f.mask(submatches))
		end = at[1]
	}
	if end == 0 {
		return text
	}
	masked.WriteString(text[end:])
	return masked.String()
}

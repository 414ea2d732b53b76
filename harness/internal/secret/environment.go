package secret

import (
	"net/url"
	"regexp"
	"strings"
)

// inURL matches a user and a password in a URL, and inAddress also those in a proxy's or a registry's address without a scheme.
var (
	inURL     = regexp.MustCompile(`://([^\s/?#@:,]*):([^\s/?#]+)@`)
	inAddress = regexp.MustCompile(`([^\s/?#@:,;=]+):([^\s/?#,;]+)@`)
)

// used matches the names of the variables whose addresses a run uses, with a password if they have one. Other variables may hold
// passwords that are ordinary words, such as that of a database for tests.
var used = regexp.MustCompile(`(?i)_proxy$|^GOPROXY$|^NOTEPROOF_|^(DOCKER|CONTAINER)_HOST$`)

// loneUser matches a user without a password in a URL, which may be a token. The go command hides passwords only.
var loneUser = regexp.MustCompile(`://([^\s/?#@:,]+)@`)

// InEnvironment returns the passwords, and the users without one, in the environment variables, each "NAME=value", whose addresses a run uses: proxies, module
// proxies, mirrors of registries.
func InEnvironment(environ []string) []string {
	var found []string
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if !used.MatchString(name) {
			continue
		}
		found = append(found, InURL(value)...)
		for _, match := range loneUser.FindAllStringSubmatch(value, -1) {
			found = append(found, match[1])
		}
		if strings.HasSuffix(strings.ToUpper(name), "_PROXY") || name == "NOTEPROOF_REGISTRY" {
			found = append(found, passwords(inAddress, value)...)
		}
	}
	return found
}

// InURL returns the passwords in the URLs of a text.
func InURL(text string) []string { return passwords(inURL, text) }

func passwords(pattern *regexp.Regexp, text string) []string {
	var found []string
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		found = append(found, BasicAuth(match[1], match[2])...)
	}
	return found
}

// BasicAuth returns what is secret of a user's password: the password, and both as in a URL and as a header has them. Both may be
// escaped as in a URL.
func BasicAuth(user, password string) []string {
	secrets := []string{password, user + ":" + password}
	plainUser, err := url.PathUnescape(user)
	plain, err2 := url.PathUnescape(password)
	if err == nil && err2 == nil && plainUser+plain != user+password {
		secrets = append(secrets, plain, plainUser+":"+plain)
	}
	return secrets
}

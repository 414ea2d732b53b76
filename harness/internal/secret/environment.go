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

// InEnvironment returns the passwords in environment variables, each "NAME=value": those in URLs, such as a proxy's or a module
// proxy's, and in NOTEPROOF_REGISTRY.
func InEnvironment(environ []string) []string {
	var found []string
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		pattern := inURL
		if strings.HasSuffix(strings.ToUpper(name), "_PROXY") || name == "NOTEPROOF_REGISTRY" {
			pattern = inAddress
		}
		for _, match := range pattern.FindAllStringSubmatch(value, -1) {
			found = append(found, BasicAuth(match[1], match[2])...)
		}
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

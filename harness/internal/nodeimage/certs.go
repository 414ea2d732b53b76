package nodeimage

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// systemCerts are the folders of docker and podman that have a folder of certificates for each registry.
func systemCerts() []string { return []string{"/etc/docker/certs.d", "/etc/containers/certs.d"} }

// certFolders returns the folders that may hold certificates for a registry, as docker and podman know them: of the system, and of
// the user.
func certFolders(registry name.Registry) []string {
	all := systemCerts()
	if home, err := os.UserHomeDir(); err == nil {
		all = append(all, filepath.Join(home, ".docker", "certs.d"), filepath.Join(home, ".config", "docker", "certs.d"), filepath.Join(home, ".config", "containers", "certs.d"))
	}
	host := registry.RegistryStr()
	if host == name.DefaultRegistry {
		host = "docker.io"
	}
	for i, dir := range all {
		all[i] = filepath.Join(dir, host)
	}
	return all
}

// transportTo returns how a registry is reached. In addition to the system's CAs it trusts those that docker and podman trust for
// this registry, NAME.crt, and it has their client certificates, NAME.cert and NAME.key.
func transportTo(registry name.Registry) (http.RoundTripper, error) {
	var authorities [][]byte
	var clients []tls.Certificate
	for _, dir := range certFolders(registry) {
		entries, err := os.ReadDir(dir)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the certificates for %s: %w", registry, err)
		}
		for _, entry := range entries {
			path := filepath.Join(dir, entry.Name())
			switch stem, kind := strings.TrimSuffix(path, filepath.Ext(path)), filepath.Ext(path); kind {
			case ".crt":
				authority, err := os.ReadFile(path)
				if err != nil {
					return nil, fmt.Errorf("read the CA for %s: %w", registry, err)
				}
				authorities = append(authorities, authority)
			case ".cert":
				client, err := tls.LoadX509KeyPair(path, stem+".key")
				if err != nil {
					return nil, fmt.Errorf("read the client certificate %s for %s, with its key %s: %w", path, registry, stem+".key", err)
				}
				clients = append(clients, client)
			}
		}
	}
	if len(authorities) == 0 && len(clients) == 0 {
		return remote.DefaultTransport, nil
	}
	return withCertificates(registry, authorities, clients)
}

// withCertificates returns the default transport with further CAs, as PEM, and client certificates.
func withCertificates(registry name.Registry, authorities [][]byte, clients []tls.Certificate) (http.RoundTripper, error) {
	trusted, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("read the system's CAs: %w", err)
	}
	for _, authority := range authorities {
		if !trusted.AppendCertsFromPEM(authority) {
			return nil, fmt.Errorf("a CA for %s, one of the files *.crt in %s, is not a certificate in PEM", registry, strings.Join(certFolders(registry), ", "))
		}
	}
	shared, ok := remote.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, fmt.Errorf("certificates for %s cannot be used: the default transport is a %T", registry, remote.DefaultTransport)
	}
	own := shared.Clone()
	own.TLSClientConfig = &tls.Config{RootCAs: trusted, Certificates: clients, MinVersion: tls.VersionTLS12}
	return own, nil
}

// advice returns what to do about an error of a registry, beginning with a semicolon; empty if that is unknown.
func advice(err error, registry name.Registry) string {
	var unknown x509.UnknownAuthorityError
	var refused *transport.Error
	switch {
	case errors.As(err, &unknown):
		return fmt.Sprintf("; if it has a CA of your own, put its certificate into %s, or name it by SSL_CERT_FILE",
			filepath.Join(certFolders(registry)[0], "ca.crt"))
	case errors.As(err, &refused) && (refused.StatusCode == http.StatusUnauthorized || refused.StatusCode == http.StatusForbidden):
		return "; log in with docker login " + registry.RegistryStr()
	default:
		return ""
	}
}

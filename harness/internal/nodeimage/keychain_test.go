package nodeimage

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/secret"
)

func TestCredentialsOfRegistriesAreKnownSecrets(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	t.Setenv("DOCKER_CONFIG", dir)
	auth := base64.StdEncoding.EncodeToString([]byte("mia:registry-password"))
	g.Expect(os.WriteFile(filepath.Join(dir, "config.json"), []byte(`{"auths":{"registry.example":{"auth":"`+auth+`"}}}`), 0o600)).To(Succeed())
	registry, err := name.NewRegistry("registry.example")
	g.Expect(err).NotTo(HaveOccurred())
	authenticator, err := keychain{authn.DefaultKeychain}.Resolve(registry)
	g.Expect(err).NotTo(HaveOccurred())
	config, err := authenticator.Authorization()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(config.Password).To(Equal("registry-password"))
	for _, leak := range []string{"registry-password", auth} {
		g.Expect(secret.Mask("it is " + leak)).To(Equal("it is [a secret, masked]"))
	}
}

package nodeimage

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/progress"
)

// registryProgram returns the path of distribution's registry, the one that most registries are made of. The go command builds it
// once, and keeps it in its cache.
var registryProgram = sync.OnceValues(func() (string, error) {
	build := exec.Command("go", "tool", "-modfile=../../../scripts/registry/go.mod", "-n", "registry")
	build.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	var problem bytes.Buffer
	build.Stderr = &problem
	path, err := build.Output()
	if err != nil {
		return "", fmt.Errorf("build the registry: %w: %s", err, problem.String())
	}
	return strings.TrimSpace(string(path)), nil
})

// listening finds the address in the log of a registry.
var listening = regexp.MustCompile(`listening on (127\.0\.0\.1:\d+)`)

// startRegistry starts a registry on this machine, which ends with the test, and returns its address. Its images are in dir. more is
// added to its configuration, with a section for each top-level key except version, storage and http; http is added to that of HTTP.
func startRegistry(t *testing.T, dir, http, more string) string {
	t.Helper()
	g := NewWithT(t)
	program, err := registryProgram()
	g.Expect(err).NotTo(HaveOccurred())
	config := filepath.Join(t.TempDir(), "config.yml")
	text := fmt.Sprintf("version: 0.1\nlog: {level: info}\nstorage:\n  filesystem: {rootdirectory: %q}\nhttp:\n  addr: 127.0.0.1:0\n%s\n%s\n", dir, http, more)
	g.Expect(os.WriteFile(config, []byte(text), 0o600)).To(Succeed())
	command := exec.CommandContext(t.Context(), program, "serve", config)
	command.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
	log, err := command.StderrPipe()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(command.Start()).To(Succeed())
	lines := bufio.NewScanner(log)
	var said strings.Builder
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			go func() {
				for lines.Scan() { // so that it can write its log
				}
			}()
			t.Cleanup(func() {
				_ = command.Process.Kill()
				_ = command.Wait()
			})
			return found[1]
		}
	}
	t.Fatalf("the registry ended: %v\n%s", command.Wait(), said.String())
	return ""
}

// push pushes a random image to a registry as metallb/speaker:v0.15.2.
func push(t *testing.T, host string, with ...remote.Option) v1.Image {
	t.Helper()
	image := must(random.Image(100_000, 2))
	NewWithT(t).Expect(remote.Write(must(name.NewTag(host+"/metallb/speaker:v0.15.2")), image, with...)).To(Succeed())
	return image
}

// pullFrom pulls somePublished from a mirror, and returns the log.
func pullFrom(t *testing.T, host string) (archive Archive, ok bool, log string) {
	t.Helper()
	out := &bytes.Buffer{}
	s := &Source{Cache: t.TempDir(), Log: progress.New(out), Registries: must(ParseRegistries(host)), pullPause: time.Millisecond}
	archive, ok, err := s.pullArchive(t.Context(), somePublished, somePublished)
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), "what cannot be pulled is built")
	return archive, ok, out.String()
}

// logIn writes docker's credentials for a registry.
func logIn(t *testing.T, host, user, password string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("DOCKER_CONFIG", dir)
	config := fmt.Sprintf(`{"auths": {%q: {"auth": %q}}}`, host, base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
	NewWithT(t).Expect(os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o600)).To(Succeed())
}

// passwords has the user me with the password secret.
const passwords = "me:$2a$04$x7BaEhs9fYTDRsXlHVs0o.JzaXqc3ycrtftYK3smjCEu36ZDhql8S\n"

func TestARegistryThatWantsAnAccount(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	file := filepath.Join(t.TempDir(), "passwords")
	g.Expect(os.WriteFile(file, []byte(passwords), 0o600)).To(Succeed())
	host := startRegistry(t, t.TempDir(), "", fmt.Sprintf("auth:\n  htpasswd: {realm: here, path: %q}", file))
	image := push(t, host, remote.WithAuth(&authn.Basic{Username: "me", Password: "secret"}))

	_, ok, log := pullFrom(t, host)
	g.Expect(ok).To(BeFalse())
	g.Expect(log).To(And(ContainSubstring("401"), ContainSubstring("log in with docker login "+host)))
	logIn(t, host, "me", "wrong")
	_, ok, log = pullFrom(t, host)
	g.Expect(ok).To(BeFalse())
	g.Expect(log).To(And(ContainSubstring("401"), Not(ContainSubstring("wrong"))))
	logIn(t, host, "me", "secret")
	archive, ok, log := pullFrom(t, host)
	g.Expect(ok).To(BeTrue(), log)
	g.Expect(archive.From).To(Equal(host + "/metallb/speaker@" + must(image.Digest()).String()))
	g.Expect(log).NotTo(ContainSubstring("secret"))
}

func TestARegistryWhoseDiskIsDamaged(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	dir := t.TempDir()
	host := startRegistry(t, dir, "", "")
	image := push(t, host)
	layer := must(must(image.Layers())[1].Digest())
	blob := filepath.Join(dir, "docker", "registry", "v2", "blobs", "sha256", layer.Hex[:2], layer.Hex, "data")
	content := must(os.ReadFile(blob))
	content[len(content)/2] ^= 1
	g.Expect(os.WriteFile(blob, content, 0o600)).To(Succeed())
	_, ok, log := pullFrom(t, host)
	g.Expect(ok).To(BeFalse())
	g.Expect(log).To(ContainSubstring("error verifying sha256 checksum"))

	g.Expect(os.Remove(blob)).To(Succeed())
	_, ok, log = pullFrom(t, host)
	g.Expect(ok).To(BeFalse())
	g.Expect(log).To(ContainSubstring("BLOB_UNKNOWN"))

	manifest := must(image.Digest())
	other := bytes.Replace(must(image.RawManifest()), []byte(`"size":`), []byte(`"size": `), 1)
	g.Expect(os.WriteFile(filepath.Join(dir, "docker", "registry", "v2", "blobs", "sha256", manifest.Hex[:2], manifest.Hex, "data"), other, 0o600)).To(Succeed())
	_, ok, log = pullFrom(t, host)
	g.Expect(ok).To(BeFalse())
	g.Expect(log).To(ContainSubstring(`does not match requested digest: "` + manifest.String()))
}

func TestATagThatMoved(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	host := startRegistry(t, t.TempDir(), "", "")
	first := push(t, host)
	archive, ok, log := pullFrom(t, host)
	g.Expect(ok).To(BeTrue(), log)
	second := push(t, host)
	again, ok, log := pullFrom(t, host)
	g.Expect(ok).To(BeTrue(), log)
	g.Expect([]string{archive.From, again.From}).To(HaveExactElements(HaveSuffix(must(first.Digest()).String()), HaveSuffix(must(second.Digest()).String())))
	for image, path := range map[v1.Image]string{first: archive.Path, second: again.Path} {
		g.Expect(must(tarball.ImageFromPath(path, nil)).ConfigName()).To(Equal(must(image.ConfigName())))
	}
}

// authority is a CA.
type authority struct {
	*testing.T
	dir         string
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	path        string // of its certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{T: t, dir: t.TempDir()}
	a.key = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a CA of one's own"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	encoded := must(x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key))
	a.certificate = must(x509.ParseCertificate(encoded))
	a.path = a.write("ca.crt", "CERTIFICATE", encoded)
	return a
}

func (a *authority) write(file, kind string, encoded []byte) string {
	path := filepath.Join(a.dir, file)
	NewWithT(a.T).Expect(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: encoded}), 0o600)).To(Succeed())
	return path
}

// issue writes a certificate for 127.0.0.1, or of a client, and its key.
func (a *authority) issue(stem string) (certificate, key string) {
	private := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: stem}, NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	encoded := must(x509.CreateCertificate(rand.Reader, template, a.certificate, private.Public(), a.key))
	return a.write(stem+".cert", "CERTIFICATE", encoded), a.write(stem+".key", "EC PRIVATE KEY", must(x509.MarshalECPrivateKey(private)))
}

// copyTo copies files to a folder of the user's certificates for a registry, as docker or podman has it.
func copyTo(t *testing.T, home, certs, host string, files ...string) {
	t.Helper()
	dir := filepath.Join(home, certs, host)
	g := NewWithT(t)
	g.Expect(os.MkdirAll(dir, 0o755)).To(Succeed())
	for _, file := range files {
		g.Expect(os.WriteFile(filepath.Join(dir, filepath.Base(file)), must(os.ReadFile(file)), 0o600)).To(Succeed())
	}
}

func TestARegistryWithACAOfOnesOwn(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	a := newAuthority(t)
	certificate, key := a.issue("server")
	dir := t.TempDir()
	push(t, startRegistry(t, dir, "", "")) // without TLS, to the same disk
	host := startRegistry(t, dir, fmt.Sprintf("  tls: {certificate: %q, key: %q}", certificate, key), "")
	home := t.TempDir()
	t.Setenv("HOME", home)
	_, ok, log := pullFrom(t, host)
	g.Expect(ok).To(BeFalse())
	g.Expect(log).To(And(ContainSubstring("certificate signed by unknown authority"),
		ContainSubstring("put its certificate into /etc/docker/certs.d/"+host+"/ca.crt, or name it by SSL_CERT_FILE")))

	for _, certs := range []string{".docker/certs.d", ".config/docker/certs.d", ".config/containers/certs.d"} {
		home := t.TempDir()
		t.Setenv("HOME", home)
		copyTo(t, home, certs, host, a.path)
		_, ok, log := pullFrom(t, host)
		g.Expect(ok).To(BeTrue(), "%s: %s", certs, log)
	}

	t.Setenv("HOME", home)
	copyTo(t, home, ".docker/certs.d", "127.0.0.1:1", a.path)
	_, ok, _ = pullFrom(t, host)
	g.Expect(ok).To(BeFalse(), "the CA of another registry")
	copyTo(t, home, ".docker/certs.d", host, key)
	g.Expect(os.WriteFile(filepath.Join(home, ".docker/certs.d", host, "broken.crt"), []byte("no certificate"), 0o600)).To(Succeed())
	_, ok, log = pullFrom(t, host)
	g.Expect(ok).To(BeFalse())
	g.Expect(log).To(ContainSubstring("is not a certificate in PEM"))
}

func TestARegistryThatWantsAClientCertificate(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	a := newAuthority(t)
	certificate, key := a.issue("server")
	dir := t.TempDir()
	push(t, startRegistry(t, dir, "", ""))
	host := startRegistry(t, dir, fmt.Sprintf("  tls: {certificate: %q, key: %q, clientcas: [%q]}", certificate, key, a.path), "")
	home := t.TempDir()
	t.Setenv("HOME", home)
	copyTo(t, home, ".docker/certs.d", host, a.path)
	_, ok, log := pullFrom(t, host)
	g.Expect(ok).To(BeFalse())
	g.Expect(log).To(MatchRegexp(`cannot be pulled \(.*https://.*\)\n$`))

	clientCertificate, clientKey := a.issue("client")
	copyTo(t, home, ".docker/certs.d", host, clientCertificate)
	_, ok, log = pullFrom(t, host)
	g.Expect(ok).To(BeFalse())
	g.Expect(log).To(And(ContainSubstring("read the client certificate"), ContainSubstring("client.key")))
	copyTo(t, home, ".docker/certs.d", host, clientKey)
	_, ok, log = pullFrom(t, host)
	g.Expect(ok).To(BeTrue(), log)
}

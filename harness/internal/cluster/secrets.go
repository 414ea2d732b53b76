package cluster

import (
	"os"
	"regexp"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/noteproof/noteproof/harness/internal/secret"
)

// secretName matches the names of settings of a kubeconfig's plugins that hold secrets, such as refresh-token and AWS_SECRET_ACCESS_KEY.
var secretName = regexp.MustCompile(`(?i)token|secret|password|key`)

// knowSecrets makes the secrets of all users of a kubeconfig known, so that they are masked. What a plugin returns is masked by its
// form alone.
func knowSecrets(config clientcmdapi.Config) {
	for _, user := range config.AuthInfos {
		secret.Know(user.Token, string(user.ClientKeyData), string(user.ClientCertificateData))
		for _, path := range []string{user.TokenFile, user.ClientKey, user.ClientCertificate} {
			text, _ := os.ReadFile(path) // the client tells why it cannot be read
			secret.Know(string(text))
		}
		if user.Password != "" {
			secret.Know(secret.BasicAuth(user.Username, user.Password)...)
		}
		settings := map[string]string{}
		if user.AuthProvider != nil {
			settings = user.AuthProvider.Config
		}
		if user.Exec != nil {
			for _, variable := range user.Exec.Env {
				settings[variable.Name] = variable.Value
			}
		}
		for name, value := range settings {
			if secretName.MatchString(name) {
				secret.Know(value)
			}
		}
	}
	for _, cluster := range config.Clusters {
		secret.Know(secret.InURL(cluster.ProxyURL + " " + cluster.Server)...)
	}
}

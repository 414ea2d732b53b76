package cluster

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/secret"
)

// proxyVariables are the variables by which programs find a proxy, in capitals. They exist in lower case, too.
func proxyVariables() []string {
	return []string{"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"}
}

// proxySettings returns the variables of this process that name a proxy, with their values.
func proxySettings() map[string]string {
	set := map[string]string{}
	for _, upper := range proxyVariables() {
		for _, name := range []string{upper, strings.ToLower(upper)} {
			if value, ok := os.LookupEnv(name); ok {
				set[name] = value
			}
		}
	}
	return set
}

// withoutProxy runs do, with this engine, while this process has no variables that name a proxy, and docker's configuration names none: kind, docker and
// podman pass them on to the nodes, where they would lead requests within the cluster to the proxy.
func withoutProxy(eng string, do func() error) error {
	restore, err := withoutDockerProxies(eng)
	if err != nil {
		return fmt.Errorf("leave the proxies out of docker's configuration: %w", err)
	}
	defer restore()
	set := proxySettings()
	for name := range set {
		if err := os.Unsetenv(name); err != nil {
			return err
		}
	}
	defer func() {
		for name, value := range set {
			_ = os.Setenv(name, value) // it had this value before
		}
	}()
	return do()
}

// dockerConfig is the variable that names the folder of docker's configuration.
const dockerConfig = "DOCKER_CONFIG"

// dockerProxies returns docker's configuration and its folder, if that is the engine and it names proxies (docker docs, "Use a proxy server
// with the Docker CLI").
func dockerProxies(eng string) (dir string, config map[string]json.RawMessage) {
	if eng != engine.Docker {
		return "", nil
	}
	home, _ := os.UserHomeDir()
	dir = cmp.Or(os.Getenv(dockerConfig), filepath.Join(home, ".docker"))
	text, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil || json.Unmarshal(text, &config) != nil || config["proxies"] == nil {
		return "", nil // docker reports a configuration that it cannot read
	}
	return dir, config
}

// withoutDockerProxies makes docker use a copy of its configuration without proxies, if that names some, until restore is called.
func withoutDockerProxies(eng string) (restore func(), err error) {
	dir, config := dockerProxies(eng)
	if config == nil {
		return func() {}, nil
	}
	secret.Know(secret.InURL(string(config["proxies"]))...)
	delete(config, "proxies")
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	own, err := os.MkdirTemp("", "noteproof-docker-")
	if err != nil {
		return nil, err
	}
	err = os.WriteFile(filepath.Join(own, "config.json"), text, 0o600)
	for _, entry := range entries { // contexts, certificates, plugins
		if err == nil && entry.Name() != "config.json" {
			err = os.Symlink(filepath.Join(dir, entry.Name()), filepath.Join(own, entry.Name()))
		}
	}
	was, had := os.LookupEnv(dockerConfig)
	if err = errors.Join(err, os.Setenv(dockerConfig, own)); err != nil {
		return nil, errors.Join(err, os.RemoveAll(own))
	}
	return func() {
		_ = os.Unsetenv(dockerConfig)
		if had {
			_ = os.Setenv(dockerConfig, was) // it had this value before
		}
		_ = os.RemoveAll(own)
	}, nil
}

// proxyAdaptation says that the nodes do not get the proxy of this process; nothing if it has none. It does not show the values, which
// may have a password.
func proxyAdaptation(eng string) []evidence.Adaptation {
	var names []string
	set := proxySettings()
	for _, upper := range proxyVariables() {
		if set[upper] != "" || set[strings.ToLower(upper)] != "" {
			names = append(names, upper)
		}
	}
	var adapted []evidence.Adaptation
	if len(names) > 0 {
		adapted = append(adapted, evidence.Adaptation{
			Found: strings.Join(names, ", ") + " in the environment, which kind and podman pass to the nodes",
			Did:   "the nodes do not get it; images are pulled through the proxy",
		})
	}
	if _, config := dockerProxies(eng); config != nil {
		adapted = append(adapted, evidence.Adaptation{
			Found: "proxies in docker's configuration, which kind and docker pass to the nodes",
			Did:   "the nodes do not get them",
		})
	}
	return adapted
}

// noProxy returns the arguments of `run` with which a container has no proxy, even if the engine's client is configured to give it one.
func noProxy() []string {
	var args []string
	for _, upper := range proxyVariables() {
		args = append(args, "--env", upper+"=", "--env", strings.ToLower(upper)+"=")
	}
	return args
}

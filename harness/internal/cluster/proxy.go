package cluster

import (
	"os"
	"strings"

	"github.com/noteproof/noteproof/harness/evidence"
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

// withoutProxy runs do while this process has no variables that name a proxy: kind and podman pass them on to the nodes, where they
// would lead requests within the cluster to the proxy.
func withoutProxy(do func() error) error {
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

// proxyAdaptation says that the nodes do not get the proxy of this process; nothing if it has none. It does not show the values, which
// may have a password.
func proxyAdaptation() []evidence.Adaptation {
	var names []string
	set := proxySettings()
	for _, upper := range proxyVariables() {
		if set[upper] != "" || set[strings.ToLower(upper)] != "" {
			names = append(names, upper)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []evidence.Adaptation{{
		Found: strings.Join(names, ", ") + " in the environment, which kind and podman pass to the nodes",
		Did:   "the nodes do not get it; images are pulled through the proxy",
	}}
}

// noProxy returns the arguments of `run` with which a container has no proxy, even if the engine's client is configured to give it one.
func noProxy() []string {
	var args []string
	for _, upper := range proxyVariables() {
		args = append(args, "--env", upper+"=", "--env", strings.ToLower(upper)+"=")
	}
	return args
}

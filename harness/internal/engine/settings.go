package engine

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pelletier/go-toml"

	"github.com/noteproof/noteproof/harness/internal/atomicfile"
)

// writeSettings writes a containers.conf that contains the user's settings, overlaid by ours, and returns its path. It includes
// the user's because podman reads no other file if CONTAINERS_CONF is set.
func writeSettings(dir string, ours settings) (string, error) {
	dir, err := folder(dir)
	if err != nil {
		return "", err
	}
	merged := settings{}
	for _, path := range userSettings() {
		text, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("read podman's settings: %w", err)
		}
		if err := merged.read(string(text)); err != nil {
			return "", fmt.Errorf("read podman's settings %s: %w", path, err)
		}
	}
	merged.overlay(ours)
	text, err := merged.toml()
	if err != nil {
		return "", fmt.Errorf("write podman's settings: %w", err)
	}
	path := filepath.Join(dir, "containers.conf") // only its owner may read it: the user's settings may hold a proxy's password
	if err := atomicfile.Write(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("write podman's settings: %w", err)
	}
	return path, nil
}

// userSettings returns the files that podman reads as root. Later files take precedence.
func userSettings() []string {
	if path := os.Getenv("CONTAINERS_CONF"); path != "" {
		return []string{path}
	}
	files := []string{"/usr/share/containers/containers.conf", "/etc/containers/containers.conf"}
	further, _ := filepath.Glob("/etc/containers/containers.conf.d/*.conf")
	return append(files, further...)
}

func (s settings) read(text string) error {
	tree, err := toml.Load(text)
	if err != nil {
		return err
	}
	read := settings{}
	for table, keys := range tree.ToMap() {
		if keys, ok := keys.(map[string]any); ok {
			read[table] = keys
		}
	}
	s.overlay(read)
	return nil
}

// overlay sets all keys of upper and keeps the other ones.
func (s settings) overlay(upper settings) {
	for table, keys := range upper {
		if s[table] == nil {
			s[table] = map[string]any{}
		}
		for key, value := range keys {
			s[table][key] = value
		}
	}
}

func (s settings) toml() (string, error) {
	all := map[string]any{}
	for table, keys := range s {
		all[table] = keys
	}
	tree, err := toml.TreeFromMap(all)
	if err != nil {
		return "", err
	}
	return tree.ToTomlString()
}

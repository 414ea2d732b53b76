package breaks

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// editManifest changes a static Pod's manifest. It returns an error if the manifest has an unknown field, which would be lost.
func editManifest(text string, edit func(*corev1.Pod) error) (string, error) {
	pod, err := readManifest(text)
	if err != nil {
		return "", err
	}
	if err := edit(pod); err != nil {
		return "", err
	}
	edited, err := yaml.Marshal(pod)
	return string(edited), err
}

// readManifest parses a static Pod's manifest, which must have one container.
func readManifest(text string) (*corev1.Pod, error) {
	pod := &corev1.Pod{}
	if err := yaml.UnmarshalStrict([]byte(text), pod); err != nil {
		return nil, fmt.Errorf("read a static Pod's manifest: %w", err)
	}
	if len(pod.Spec.Containers) != 1 {
		return nil, fmt.Errorf("read a static Pod's manifest: it has %d containers, not one", len(pod.Spec.Containers))
	}
	return pod, nil
}

// setFlag returns a command line in which a flag has this value. A flag that is not set yet is added at the end.
func setFlag(command []string, name, value string) []string {
	flag := "--" + name + "=" + value
	edited := slices.Clone(command)
	for i, arg := range edited {
		if isFlag(arg, name) {
			edited[i] = flag
			return edited
		}
	}
	return append(edited, flag)
}

// addToFlag returns a command line in which an item is added to a flag whose value is a comma-separated list.
func addToFlag(command []string, name, item string) []string {
	if value := flagValue(command, name); value != "" {
		item = value + "," + item
	}
	return setFlag(command, name, item)
}

// dropFlag returns a command line without a flag.
func dropFlag(command []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(command), func(arg string) bool { return isFlag(arg, name) })
}

// flagValue returns the value of a flag; empty if it is not set.
func flagValue(command []string, name string) string {
	for _, arg := range command {
		if isFlag(arg, name) {
			_, value, _ := strings.Cut(arg, "=")
			return value
		}
	}
	return ""
}

func isFlag(arg, name string) bool { return arg == "--"+name || strings.HasPrefix(arg, "--"+name+"=") }

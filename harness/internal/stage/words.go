package stage

import (
	"cmp"
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// The words that a manifest uses, as whole values, for what is unique to the run. A worker's name is "worker-1".
const (
	// OwnName stands for the name of the stage's namespace, wherever a name must not meet another run's.
	OwnName = "own-name"
	// NodeFolder stands for the path of a folder on the nodes. It is not made, only removed with the stage.
	NodeFolder = "node-folder"
)

// nodeTmp is where the folder lies: it survives a reboot, and every system has it (Filesystem Hierarchy Standard, 5.15).
const nodeTmp = "/var/tmp"

// put replaces, anywhere in an object, the values "agnhost" of image fields, and the words among all values.
func (p Props) put(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, field := range value {
			switch {
			case key == "image" && field == "agnhost":
				value[key] = p.Image
			case key == corev1.LabelHostname, key == "values" && value["key"] == corev1.LabelHostname:
				value[key] = p.hostnames(field)
			default:
				value[key] = p.put(field)
			}
		}
		return value
	case []any:
		for i := range value {
			value[i] = p.put(value[i])
		}
		return value
	case string:
		return p.word(value)
	default:
		return value
	}
}

// hostnames puts, for nodes, the value of their label kubernetes.io/hostname, which need not be their name (Kubernetes docs,
// "Well-Known Labels").
func (p Props) hostnames(value any) any {
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = p.hostnames(value[i])
		}
		return value
	case string:
		name := p.worker(value)
		return cmp.Or(p.Hostnames[name], name)
	default:
		return value
	}
}

func (p Props) word(text string) string {
	switch text {
	case OwnName:
		return p.own
	case NodeFolder:
		return p.nodeFolder()
	default:
		return p.worker(text)
	}
}

// worker is the node that a manifest calls "worker-1"; any other text is returned as it is.
func (p Props) worker(text string) string {
	for i, name := range p.Workers {
		if text == fmt.Sprintf("worker-%d", i+1) {
			return name
		}
	}
	return text
}

func (p Props) nodeFolder() string { return nodeTmp + "/" + p.own }

// mentions says whether a word is among the values of an object.
func mentions(value any, word string) bool {
	switch value := value.(type) {
	case map[string]any:
		for _, field := range value {
			if mentions(field, word) {
				return true
			}
		}
	case []any:
		for _, field := range value {
			if mentions(field, word) {
				return true
			}
		}
	case string:
		return value == word
	}
	return false
}

package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/noteproof/noteproof/harness/internal/engine"
)

// Kind's labels on the nodes' containers. It does not export them.
const (
	kindClusterLabel = "io.x-k8s.kind.cluster"
	kindRoleLabel    = "io.x-k8s.kind.role"
)

const (
	roleControlPlane = "control-plane"
	roleWorker       = "worker"
)

// removedWithin is how long the engine may take to remove a cluster's containers.
const removedWithin = 2 * time.Minute

// container is a container of a cluster of ours, as the engine reports it: a node, or a companion of the nodes.
type container struct {
	ID, Name string
	Cluster  string
	Role     string // "control-plane" or "worker"; empty for a companion
	Running  bool
	ImageRef string // as it was asked for
	ImageID  string // of what it runs, without an algorithm's name
}

func (c container) node() bool { return c.Role != "" }

// containers lists the containers of one cluster, or with an empty name those of all clusters of ours.
func containers(ctx context.Context, eng *engine.Engine, cluster string) ([]container, error) {
	var found []container
	err := retryVanished(ctx, func() error {
		var ids []string
		for _, label := range []string{kindClusterLabel, Label} {
			filter := "label=" + label
			if cluster != "" {
				filter += "=" + cluster
			}
			lines, err := eng.Run(ctx, "ps", "--all", "--quiet", "--no-trunc", "--filter", filter)
			if err != nil {
				return fmt.Errorf("list containers: %w", err)
			}
			ids = append(ids, strings.Fields(lines)...)
		}
		found = nil
		if len(ids) == 0 {
			return nil
		}
		text, err := eng.Run(ctx, append([]string{"inspect", "--type", "container"}, ids...)...)
		if err != nil {
			return fmt.Errorf("list containers: %w", err)
		}
		found, err = parseContainers(text)
		return err
	})
	return found, err
}

// retryVanished tries again when what was listed has vanished before it could be inspected.
func retryVanished(ctx context.Context, list func() error) error {
	var err error
	for range 3 {
		if err = list(); err == nil || ctx.Err() != nil || !strings.Contains(strings.ToLower(err.Error()), "no such") {
			return err
		}
	}
	return err
}

// parseContainers reads what `inspect` writes, of clusters of ours only.
func parseContainers(text string) ([]container, error) {
	var said []struct {
		ID, Name, Image string
		State           struct{ Running bool }
		Config          struct {
			Image  string
			Labels map[string]string
		}
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		return nil, fmt.Errorf("read what the engine says of containers: %w", err)
	}
	var found []container
	for _, c := range said {
		name := c.Config.Labels[kindClusterLabel]
		if name == "" {
			name = c.Config.Labels[Label]
		}
		if !strings.HasPrefix(name, Prefix) {
			continue
		}
		found = append(found, container{
			ID: c.ID, Name: strings.TrimPrefix(c.Name, "/"), Cluster: name, Role: c.Config.Labels[kindRoleLabel],
			Running: c.State.Running, ImageRef: c.Config.Image, ImageID: strings.TrimPrefix(c.Image, "sha256:"),
		})
	}
	return found, nil
}

// volume is a podman volume that kind made for a node. Podman alone has them: with docker they are anonymous, and go
// with their container.
type volume struct{ Name, Cluster string }

// nodeVolume is the label that kind gives to a node's volume: the node's name.
var nodeVolume = regexp.MustCompile(`^(` + Prefix + `.+)-(control-plane|worker)\d*$`)

// volumes lists the nodes' volumes of all clusters of ours.
func volumes(ctx context.Context, eng *engine.Engine) ([]volume, error) {
	if eng.Name() != engine.Podman {
		return nil, nil
	}
	text, err := eng.Run(ctx, "volume", "ls", "--format", "json")
	if err != nil {
		return nil, fmt.Errorf("list volumes: %w", err)
	}
	return parseVolumes(text)
}

func parseVolumes(text string) ([]volume, error) {
	var said []struct {
		Name   string
		Labels map[string]string
	}
	if text == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		return nil, fmt.Errorf("read what the engine says of volumes: %w", err)
	}
	var found []volume
	for _, v := range said {
		for label := range v.Labels {
			if match := nodeVolume.FindStringSubmatch(label); match != nil {
				found = append(found, volume{v.Name, match[1]})
			}
		}
	}
	return found, nil
}

// removeContainers removes a cluster's containers and volumes, and returns when the engine lists them no more.
func removeContainers(ctx context.Context, eng *engine.Engine, cluster string) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, askAgain, removedWithin, true, func(ctx context.Context) (bool, error) {
		left, err := removeOnce(ctx, eng, cluster)
		last = err
		return err == nil && left == 0, nil
	})
	if err != nil {
		return fmt.Errorf("remove the containers of %s within %s: %w", cluster, removedWithin, errors.Join(err, last))
	}
	return nil
}

// removeOnce removes what is listed and returns how much that was: until nothing is listed, something may be left.
func removeOnce(ctx context.Context, eng *engine.Engine, cluster string) (int, error) {
	nodes, err := containers(ctx, eng, cluster)
	if err != nil {
		return 0, err
	}
	if len(nodes) > 0 {
		kill, args := []string{"kill"}, []string{"rm", "--force", "--volumes"}
		for _, c := range nodes {
			kill, args = append(kill, c.ID), append(args, c.ID)
		}
		// Removing alone first asks systemd in the node to end, and waits ten seconds for that. What does not run cannot be
		// killed, and need not be.
		_, _ = eng.Run(ctx, kill...)
		if _, err := eng.Run(ctx, args...); err != nil {
			return len(nodes), err
		}
	}
	all, err := volumes(ctx, eng)
	if err != nil {
		return 0, err
	}
	args := []string{"volume", "rm", "--force"}
	for _, v := range all {
		if v.Cluster == cluster {
			args = append(args, v.Name)
		}
	}
	mine := len(args) - 3
	if mine > 0 {
		if _, err := eng.Run(ctx, args...); err != nil {
			return mine, err
		}
	}
	return len(nodes) + mine, nil
}

// imageID is the ID of an image that the engine has, without an algorithm's name.
func imageID(ctx context.Context, eng *engine.Engine, ref string) (string, error) {
	id, err := eng.Run(ctx, "image", "inspect", "--format", "{{.Id}}", ref)
	if err != nil {
		return "", fmt.Errorf("find the image %s: %w", ref, err)
	}
	return strings.TrimPrefix(id, "sha256:"), nil
}

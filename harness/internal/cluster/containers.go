package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
)

// Kind puts these labels on the nodes' containers. Its library does not export them.
const (
	kindClusterLabel = "io.x-k8s.kind.cluster"
	kindRoleLabel    = "io.x-k8s.kind.role"
)

const (
	roleControlPlane = "control-plane"
	roleWorker       = "worker"
)

// removeTimeout limits how long the engine may take to remove a cluster's containers.
const removeTimeout = 2 * time.Minute

// container is a container of one of our clusters, as the engine reports it: a node, or a companion, which has our Label.
type container struct {
	ID, Name string
	Cluster  string
	Role     string // "control-plane" or "worker"; empty for a companion
	Running  bool
	ImageRef string // as it was requested
	ImageID  string // of the image that it runs, without the name of the algorithm
	inputs   string // what its image was built from, if noteproof built it
	volumes  []string
	kept     string // for what holder has kept the cluster; empty unless the container says so
	holder   holder
}

func (c container) isNode() bool { return c.Role != "" }

// containers lists the containers of one cluster or, if the name is empty, of all our clusters.
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
		if err == nil && eng.Name() == engine.Nerdctl {
			err = nerdctlImages(ctx, eng, found)
		}
		return err
	})
	return found, err
}

// retryVanished retries list up to twice when a container vanishes between the listing and its inspection.
func retryVanished(ctx context.Context, list func() error) error {
	var err error
	for range 3 {
		if err = list(); err == nil || ctx.Err() != nil || !strings.Contains(strings.ToLower(err.Error()), "no such") {
			return err
		}
	}
	return err
}

// parseContainers parses the output of `inspect` and drops containers that are not of our clusters.
func parseContainers(text string) ([]container, error) {
	var inspected []struct {
		ID, Name, Image string
		State           struct{ Running bool }
		Mounts          []struct{ Type, Name string }
		Config          struct {
			Image  string
			Labels map[string]string
		}
	}
	if err := json.Unmarshal([]byte(text), &inspected); err != nil {
		return nil, fmt.Errorf("parse the engine's output on containers: %w", err)
	}
	var found []container
	for _, c := range inspected {
		name := c.Config.Labels[kindClusterLabel]
		if name == "" {
			name = c.Config.Labels[Label]
		}
		if !strings.HasPrefix(name, Prefix) {
			continue
		}
		var used []string
		for _, mount := range c.Mounts {
			if mount.Type == "volume" {
				used = append(used, mount.Name)
			}
		}
		found = append(found, container{
			ID: c.ID, Name: strings.TrimPrefix(c.Name, "/"), Cluster: name, Role: c.Config.Labels[kindRoleLabel],
			Running: c.State.Running, ImageRef: c.Config.Image, ImageID: strings.TrimPrefix(c.Image, "sha256:"),
			inputs: c.Config.Labels[nodeimage.LabelInputs], volumes: used,
			kept: c.Config.Labels[keptLabel], holder: parseHolder(c.Config.Labels),
		})
	}
	return found, nil
}

// volume is a podman volume. Kind creates one for each node and labels it. With the other engines kind uses anonymous volumes, which are
// removed with their container.
type volume struct{ Name, Cluster string } // the cluster is empty if it is not one of ours

// volumeLabel matches the label that kind puts on a node's volume: the node's name.
var volumeLabel = regexp.MustCompile(`^(` + Prefix + `.+)-(control-plane|worker)\d*$`)

// volumes lists all volumes of podman, and none of another engine.
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
	var inspected []struct {
		Name   string
		Labels map[string]string
	}
	if text == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &inspected); err != nil {
		return nil, fmt.Errorf("parse the engine's output on volumes: %w", err)
	}
	var found []volume
	for _, v := range inspected {
		cluster := ""
		for label := range v.Labels {
			if match := volumeLabel.FindStringSubmatch(label); match != nil {
				cluster = match[1]
			}
		}
		found = append(found, volume{v.Name, cluster})
	}
	return found, nil
}

// removeContainers removes a cluster's containers and volumes, and waits until the engine no longer lists them.
func removeContainers(ctx context.Context, eng *engine.Engine, cluster string) error {
	var last error
	var used []string // by the containers; podman creates a volume without a label if it is gone when its container starts
	err := wait.PollUntilContextTimeout(ctx, retryEvery, removeTimeout, true, func(ctx context.Context) (bool, error) {
		listed, err := stopContainers(ctx, eng, cluster)
		for _, c := range listed {
			used = append(used, c.volumes...)
		}
		volumes := 0
		if err == nil {
			volumes, err = removeVolumes(ctx, eng, cluster, used)
		}
		last = err
		return err == nil && len(listed)+volumes == 0, nil
	})
	if err != nil {
		return fmt.Errorf("remove the containers of %s within %s: %w", cluster, removeTimeout, errors.Join(err, last))
	}
	return nil
}

// stopContainers removes the containers of a cluster that the engine lists, and returns them.
func stopContainers(ctx context.Context, eng *engine.Engine, cluster string) ([]container, error) {
	listed, err := containers(ctx, eng, cluster)
	if err != nil || len(listed) == 0 {
		return nil, err
	}
	kill, args := []string{"kill"}, []string{"rm", "--force", "--volumes"}
	for _, c := range listed {
		kill, args = append(kill, c.ID), append(args, c.ID)
	}
	// Without kill, rm first waits ten seconds for systemd in the node to end. Killing a stopped container fails, which
	// does not matter.
	_, _ = eng.Run(ctx, kill...)
	_, err = eng.Run(ctx, args...)
	return listed, err
}

// removeParts removes companions of a cluster without nodes, these only, and its volumes. If another run has created the cluster again
// meanwhile, it does not touch that: a volume in use is not removed.
func removeParts(ctx context.Context, eng *engine.Engine, cluster string, parts []container) error {
	args := []string{"rm", "--force", "--volumes"}
	for _, c := range parts {
		args = append(args, c.ID)
	}
	if len(parts) > 0 {
		if _, err := eng.Run(ctx, args...); err != nil {
			return fmt.Errorf("remove what is left of %s: %w", cluster, err)
		}
	}
	if again, err := containers(ctx, eng, cluster); err != nil || len(again) > 0 {
		return err
	}
	_, err := removeVolumes(ctx, eng, cluster, nil)
	return err
}

// removeVolumes removes the volumes of a cluster that podman lists, and those of these names. It returns their number.
func removeVolumes(ctx context.Context, eng *engine.Engine, cluster string, used []string) (int, error) {
	all, err := volumes(ctx, eng)
	if err != nil {
		return 0, err
	}
	// Without --force, which removes the containers that use a volume: while it holds the volume's lock, podman waits for the container's,
	// and a `podman run` that kind has just begun waits for both the other way round. A volume in use is an error, and tried again.
	args := []string{"volume", "rm"}
	for _, v := range all {
		if v.Cluster == cluster || slices.Contains(used, v.Name) {
			args = append(args, v.Name)
		}
	}
	if len(args) == 2 {
		return 0, nil
	}
	_, err = eng.Run(ctx, args...)
	return len(args) - 2, err
}

// imageID returns the ID of an image of the engine, without the name of the algorithm.
func imageID(ctx context.Context, eng *engine.Engine, ref string) (string, error) {
	id, err := eng.Run(ctx, "image", "inspect", "--format", "{{.Id}}", ref)
	if err != nil {
		return "", fmt.Errorf("find the image %s: %w", ref, err)
	}
	return strings.TrimPrefix(id, "sha256:"), nil
}

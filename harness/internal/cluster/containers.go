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
		found = append(found, container{
			ID: c.ID, Name: strings.TrimPrefix(c.Name, "/"), Cluster: name, Role: c.Config.Labels[kindRoleLabel],
			Running: c.State.Running, ImageRef: c.Config.Image, ImageID: strings.TrimPrefix(c.Image, "sha256:"),
			inputs: c.Config.Labels[nodeimage.LabelInputs],
			kept:   c.Config.Labels[keptLabel], holder: parseHolder(c.Config.Labels),
		})
	}
	return found, nil
}

// volume is a podman volume that kind created for a node. With the other engines kind uses anonymous volumes, which are
// removed with their container.
type volume struct{ Name, Cluster string }

// volumeLabel matches the label that kind puts on a node's volume: the node's name.
var volumeLabel = regexp.MustCompile(`^(` + Prefix + `.+)-(control-plane|worker)\d*$`)

// volumes lists the volumes of the nodes of all our clusters.
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
		for label := range v.Labels {
			if match := volumeLabel.FindStringSubmatch(label); match != nil {
				found = append(found, volume{v.Name, match[1]})
			}
		}
	}
	return found, nil
}

// removeContainers removes a cluster's containers and volumes, and waits until the engine no longer lists them.
func removeContainers(ctx context.Context, eng *engine.Engine, cluster string) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, retryEvery, removeTimeout, true, func(ctx context.Context) (bool, error) {
		left, err := removeOnce(ctx, eng, cluster)
		last = err
		return err == nil && left == 0, nil
	})
	if err != nil {
		return fmt.Errorf("remove the containers of %s within %s: %w", cluster, removeTimeout, errors.Join(err, last))
	}
	return nil
}

// removeOnce removes the cluster's containers and volumes that the engine lists, and returns their number. The caller repeats
// it until the number is 0.
func removeOnce(ctx context.Context, eng *engine.Engine, cluster string) (int, error) {
	listed, err := containers(ctx, eng, cluster)
	if err != nil {
		return 0, err
	}
	if len(listed) > 0 {
		kill, args := []string{"kill"}, []string{"rm", "--force", "--volumes"}
		for _, c := range listed {
			kill, args = append(kill, c.ID), append(args, c.ID)
		}
		// Without kill, rm first waits ten seconds for systemd in the node to end. Killing a stopped container fails, which
		// does not matter.
		_, _ = eng.Run(ctx, kill...)
		if _, err := eng.Run(ctx, args...); err != nil {
			return len(listed), err
		}
	}
	all, err := volumes(ctx, eng)
	if err != nil {
		return 0, err
	}
	// Without --force, which removes the containers that use a volume: while it holds the volume's lock, podman waits for the container's,
	// and a `podman run` that kind has just begun waits for both the other way round. A volume in use is an error, and tried again.
	var own []string
	for _, v := range all {
		if v.Cluster == cluster {
			own = append(own, v.Name)
		}
	}
	if len(own) > 0 {
		if _, err := eng.Run(ctx, append([]string{"volume", "rm"}, own...)...); err != nil {
			return len(own), err
		}
	}
	return len(listed) + len(own), nil
}

// imageID returns the ID of an image of the engine, without the name of the algorithm.
func imageID(ctx context.Context, eng *engine.Engine, ref string) (string, error) {
	id, err := eng.Run(ctx, "image", "inspect", "--format", "{{.Id}}", ref)
	if err != nil {
		return "", fmt.Errorf("find the image %s: %w", ref, err)
	}
	return strings.TrimPrefix(id, "sha256:"), nil
}

package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
)

// nerdctlNetworks is the label in which nerdctl lists a container's networks, in the order of the container's interfaces.
const nerdctlNetworks = "nerdctl/networks"

// networkName returns the network that `inspect` reports under this name. Nerdctl reports "unknown-eth0" for the network of the
// interface eth0. Any other name is the network's own.
func networkName(reported string, labels map[string]string) string {
	number, found := strings.CutPrefix(reported, "unknown-eth")
	if !found {
		return reported
	}
	var names []string
	if err := json.Unmarshal([]byte(labels[nerdctlNetworks]), &names); err != nil {
		return reported
	}
	if i, err := strconv.Atoi(number); err == nil && i >= 0 && i < len(names) {
		return names[i]
	}
	return reported
}

// execEnded matches the line that `nerdctl exec` adds to the standard error of a command that failed. Its own exit code is
// always 1.
var execEnded = regexp.MustCompile(`(?m)^time="[^"]*" level=fatal msg="exec failed with exit code (\d+)"\n?\z`)

// nerdctlExit returns the exit code and the standard error of a command that `nerdctl exec` ran, and false if nerdctl itself failed.
func nerdctlExit(stderr string) (code int, own string, ran bool) {
	at := execEnded.FindStringSubmatchIndex(stderr)
	if at == nil {
		return 0, stderr, false
	}
	code, err := strconv.Atoi(stderr[at[2]:at[3]])
	return code, stderr[:at[0]], err == nil
}

// nerdctlImages sets the IDs of the containers' images, for which nerdctl reports their names. A container whose image was since
// replaced by another of the same name gets none.
func nerdctlImages(ctx context.Context, eng *engine.Engine, found []container) error {
	type image struct{ id, inputs string }
	images := map[string]image{}
	for i, c := range found {
		now, known := images[c.ImageRef]
		if !known {
			format := fmt.Sprintf("{{.Id}} {{index .Config.Labels %q}}", nodeimage.LabelInputs)
			text, err := eng.Run(ctx, "image", "inspect", "--format", format, c.ImageRef)
			if err != nil && !strings.Contains(strings.ToLower(err.Error()), "no such image") {
				return fmt.Errorf("find the image %s: %w", c.ImageRef, err)
			}
			id, inputs, _ := strings.Cut(text, " ")
			now = image{strings.TrimPrefix(id, "sha256:"), inputs}
			images[c.ImageRef] = now
		}
		found[i].ImageID = ""
		if c.inputs == now.inputs {
			found[i].ImageID = now.id
		}
	}
	return nil
}

package breaks

import (
	"context"
	"fmt"
	"strings"
)

// unitFailsafe is the time after which systemd stops a unit, in case the run ends without stopping it.
const unitFailsafe = "1h"

// unit is a program that systemd runs on a node while a disturbance lasts.
type unit struct {
	name   string
	script string // of sh; it runs until it is stopped
	after  string // of sh; it runs when the script has ended, also if the script failed
}

// start starts a unit on a node, registers that it is stopped, and returns when the unit is active.
func (c *change) start(ctx context.Context, node string, u unit) error {
	c.onUndo(func(ctx context.Context) error { return c.stopUnit(ctx, node, u) })
	args := []string{"systemd-run", "--quiet", "--collect", "--unit=" + u.name, "--property=RuntimeMaxSec=" + unitFailsafe}
	if u.after != "" {
		// Systemd interprets dollar and percent signs unless they are doubled.
		args = append(args, `--property=ExecStopPost=/bin/sh -c "`+strings.NewReplacer("$", "$$", "%", "%%").Replace(u.after)+`"`)
	}
	if _, err := c.run(ctx, node, append(args, "/bin/sh", "-c", u.script)...); err != nil {
		return err
	}
	return c.awaitUnit(ctx, node, u, "active")
}

func (c *change) stopUnit(ctx context.Context, node string, u unit) error {
	const stop = `if systemctl is-active --quiet "$1"; then systemctl stop "$1"; fi`
	if _, err := c.script(ctx, node, stop, u.name); err != nil {
		return err
	}
	return c.awaitUnit(ctx, node, u, "inactive")
}

func (c *change) awaitUnit(ctx context.Context, node string, u unit, state string) error {
	return await(ctx, fmt.Sprintf("the unit %s on %s is %s", u.name, node, state), unitWithin, func(ctx context.Context) (string, error) {
		out, err := c.OnNode(ctx, node, "systemctl", "is-active", u.name) // its exit code shows the same
		if err != nil {
			return "", err
		}
		if current := strings.TrimSpace(out.Stdout); current != state {
			return "it is " + current, nil
		}
		return "", nil
	})
}

package breaks

import (
	"context"
	"fmt"
	"strings"
)

// unitFailsafe ends what runs on a node should nobody be left to end it.
const unitFailsafe = "1h"

// unit is a program that systemd runs on a node while a disturbance lasts.
type unit struct {
	name   string
	script string // of sh; it runs until it is stopped
	after  string // of sh; it runs when the script has ended, however that was
}

// start starts a unit on a node, registers its end, and returns when the unit is active.
func (c *change) start(ctx context.Context, node string, u unit) error {
	c.onUndo(func(ctx context.Context) error { return c.stopUnit(ctx, node, u) })
	args := []string{"systemd-run", "--quiet", "--collect", "--unit=" + u.name, "--property=RuntimeMaxSec=" + unitFailsafe}
	if u.after != "" {
		// Systemd takes a dollar and a percent sign for its own unless they are doubled.
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
		out, err := c.OnNode(ctx, node, "systemctl", "is-active", u.name) // its exit code says the same
		if err != nil {
			return "", err
		}
		if is := strings.TrimSpace(out.Stdout); is != state {
			return "it is " + is, nil
		}
		return "", nil
	})
}

package breaks

import (
	"context"
	"fmt"
	"strconv"
)

// BusyProcessors keeps every CPU of the machine busy with programs on the control plane node.
func BusyProcessors() Disturbance {
	return disturbance("busy-processors", "keeps every processor of the machine busy", func(ctx context.Context, c *change) error {
		node, err := c.controlPlane(ctx)
		if err != nil {
			return err
		}
		text, err := c.run(ctx, node, "nproc")
		if err != nil {
			return err
		}
		processors, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("count the CPUs of %s: %w", node, err)
		}
		for i := range processors {
			if err := c.start(ctx, node, unit{name: fmt.Sprintf("noteproof-busy-%d", i), script: "while :; do :; done"}); err != nil {
				return err
			}
		}
		return nil
	})
}

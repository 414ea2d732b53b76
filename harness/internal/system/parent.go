package system

import (
	"context"
	"os"
	"strconv"
	"strings"
	"time"
)

// parentPoll is the interval of the checks whether the parent still exists.
const parentPoll = time.Second

// AfterParent calls do when the parent of this process ends before it does, unless ctx ends first.
func AfterParent(ctx context.Context, do func()) {
	parent := os.Getppid()
	go func() {
		look := time.NewTicker(parentPoll)
		defer look.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-look.C:
				if os.Getppid() != parent {
					do()
					return
				}
			}
		}
	}()
}

// StartedByGo reports whether the go command started this process, as go run does. It is false where that is not known: not on Linux.
func StartedByGo() bool {
	name, err := os.ReadFile("/proc/" + strconv.Itoa(os.Getppid()) + "/comm")
	return err == nil && strings.TrimSpace(string(name)) == "go"
}

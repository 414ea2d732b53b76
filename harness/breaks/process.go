package breaks

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// process is a process on a node.
type process struct {
	pid     int
	state   string // of proc(5): "S" sleeps, "T" is stopped
	command []string
}

// listProcesses prints for each process whose command line begins with $1 its PID and state, and then its command line with one
// argument per line. It omits processes that end meanwhile.
const listProcesses = `for pid in $(pgrep --full "^$1( |\$)" || true); do
  state=$(ps -o state= -p "$pid") || continue
  echo "process $pid $state"
  tr '\0' '\n' <"/proc/$pid/cmdline" | sed 's/^/ /'
done`

// processes returns the processes of a program on a node.
func (c *change) processes(ctx context.Context, node, program string) ([]process, error) {
	text, err := c.script(ctx, node, listProcesses, program)
	if err != nil {
		return nil, err
	}
	return parseProcesses(text)
}

func parseProcesses(text string) ([]process, error) {
	var found []process
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if argument, isArgument := strings.CutPrefix(line, " "); isArgument && len(found) > 0 {
			last := &found[len(found)-1]
			last.command = append(last.command, argument)
			continue
		}
		field := strings.Fields(line)
		if len(field) == 0 {
			continue
		}
		if len(field) != 3 || field[0] != "process" {
			return nil, fmt.Errorf("read the list of processes: %q", line)
		}
		pid, err := strconv.Atoi(field[1])
		if err != nil {
			return nil, fmt.Errorf("read the list of processes: %q: %w", line, err)
		}
		found = append(found, process{pid: pid, state: field[2]})
	}
	return found, nil
}

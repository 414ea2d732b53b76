package probe

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Answers tells how often each answer came to a number of requests; the empty one stands for requests that nobody
// answered.
type Answers map[string]int

func (a Answers) String() string {
	words := make([]string, 0, len(a))
	for _, body := range slices.Sorted(maps.Keys(a)) {
		said := strconv.Quote(shorten(body))
		if body == "" {
			said = "no answer"
		}
		words = append(words, fmt.Sprintf("%s ×%d", said, a[body]))
	}
	return shorten(strings.Join(words, ", "))
}

// askOften asks a URL so many times, a connection each, and prints each answer in a line of its own. It ends at the
// third request that nobody answers: the others would only take their time.
const askOften = `
lost=0
for i in $(seq "$1"); do
  answer=$(curl --silent --fail --max-time "$2" "$0") || lost=$((lost + 1))
  printf '%s\n' "$answer"
  [ "$lost" -lt 3 ] || break
done`

// Answers asks a URL so many times, a connection each; the answer is an Answers.
func (s Shell) Answers(url string, times int) Look {
	return look{fmt.Sprintf("GET %s %d times %s", url, times, s.place), func(ctx context.Context) (any, error) {
		out, err := s.Run(ctx, "sh", "-c", askOften, url, strconv.Itoa(times), strconv.Itoa(int(dialTimeout.Seconds())))
		if err != nil {
			return nil, err
		}
		if out.ExitCode != 0 || out.Stdout == "" {
			return nil, fmt.Errorf("ask %s %d times %s: %s", url, times, s.place, out)
		}
		answers := Answers{}
		for line := range strings.Lines(out.Stdout) {
			answers[strings.TrimSpace(line)]++
		}
		return answers, nil
	}}
}

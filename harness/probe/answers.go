package probe

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Answers counts the answers to a number of requests by their bodies. A key that is no body stands for a request without
// one: NobodyAnswered, CutOff, "HTTP 503" for another status than 2xx, "HTTP 200 without a body".
type Answers map[string]int

const (
	// NobodyAnswered is the key of requests whose connection was not established.
	NobodyAnswered = ""
	// CutOff is the key of requests whose connection was established, but to which no whole HTTP answer came.
	CutOff = "connected, but no answer"
)

// noBody are the keys that stand for requests without a body.
var noBody = regexp.MustCompile(`^(HTTP \d{3}( without a body)?|` + CutOff + `)$`)

func (a Answers) String() string {
	said := make([]string, 0, len(a))
	for _, key := range slices.Sorted(maps.Keys(a)) {
		name := key
		switch {
		case key == NobodyAnswered:
			name = "no answer"
		case !noBody.MatchString(key):
			name = strconv.Quote(shorten(key))
		}
		said = append(said, fmt.Sprintf("%s ×%d", name, a[key]))
	}
	return shorten(strings.Join(said, ", "))
}

// keyOf is where Answers counts an answer.
func keyOf(answer Answer) string {
	switch {
	case !answer.Reached():
		return NobodyAnswered
	case answer.Status == 0:
		return CutOff
	case answer.Status/100 != 2:
		return fmt.Sprintf("HTTP %d", answer.Status)
	case answer.Body == "":
		return fmt.Sprintf("HTTP %d without a body", answer.Status)
	default:
		return answer.Body
	}
}

// mostUnanswered is how many requests may stay unanswered before the rest is not made: it would only take time.
const mostUnanswered = 3

// askOften asks a URL so many times, a connection each, and prints after each answer curl's report, which ends with the exit
// code of that request (curl 7.75 and later). One curl makes all requests until one gets no answer; the next goes on. It
// ends when curl could not ask, with an exit code that is none of those given.
const askOften = `
left=$1 unanswered=0
while [ "$left" -gt 0 ]; do
  answers=$(yes "url = \"$0\"" | head -n "$left" |
    curl --silent --show-error --noproxy '*' --max-time "$2" --header 'Connection: close' --fail-early --write-out "$3" --config -)
  code=$?
  printf '%s\n' "$answers"
  [ "$code" -ne 0 ] || break
  case " $4 " in *" $code "*) ;; *) exit "$code" ;; esac
  unanswered=$((unanswered + 1))
  [ "$unanswered" -lt "$5" ] || break
  left=$((left - $(printf '%s\n' "$answers" | grep -c "^curl reports: ")))
done`

// Answers asks a URL so many times, a connection each; the answer is an Answers. It ends early at the third request that
// gets no HTTP answer. It is an error when curl could not ask, or the name in the URL could not be resolved.
func (s Shell) Answers(url string, times int) Look {
	return request{look{fmt.Sprintf("GET %s %d times %s", url, times, s.place), func(ctx context.Context) (any, error) {
		out, err := s.Run(ctx, "sh", "-c", askOften, url, strconv.Itoa(times), seconds(s.limit), report+" exit=%{exitcode}\n",
			words(unansweredCodes()), strconv.Itoa(mostUnanswered))
		if err != nil {
			return nil, err
		}
		answers, err := readAnswers(out, times)
		if err != nil {
			return nil, fmt.Errorf("ask %s %d times %s: %w", url, times, s.place, err)
		}
		return answers, nil
	}}, url}
}

// unansweredCodes are curl's exit codes for a request that was made and got no HTTP answer.
func unansweredCodes() []int { return append(curlCutOff(), curlUnconnected) }

// words are exit codes as the scripts take them: "1 8 18".
func words(codes []int) string { return strings.Trim(fmt.Sprint(codes), "[]") }

// readAnswers reads the output of askOften, which must tell of all requests, or of as many unanswered ones as it takes to
// end early.
func readAnswers(out Output, times int) (Answers, error) {
	answers, asked, unanswered := Answers{}, 0, 0
	body := ""
	for line := range strings.Lines(out.Stdout) {
		body += line
		if !strings.HasPrefix(line, reportMark) {
			continue
		}
		said, exit, _ := cutLast(strings.TrimSpace(body), " exit=")
		code, err := strconv.Atoi(exit)
		if err != nil {
			return nil, couldNotAsk(out)
		}
		answer, err := CurlAnswer(Output{Stdout: said, Stderr: out.Stderr, ExitCode: code})
		if err != nil {
			return nil, err
		}
		answers[keyOf(answer)]++
		asked++
		if answer.Status == 0 {
			unanswered++
		}
		body = ""
	}
	if out.ExitCode != 0 || body != "" || asked != times && unanswered < mostUnanswered {
		return nil, couldNotAsk(out)
	}
	return answers, nil
}

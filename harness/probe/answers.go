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

// Answers counts the answers to a number of requests by their bodies. Requests without a body have the keys NobodyAnswered,
// CutOff, "HTTP 503" for a status other than 2xx, and "HTTP 200 without a body".
type Answers map[string]int

const (
	// NobodyAnswered is the key of requests whose connection was not established.
	NobodyAnswered = ""
	// CutOff is the key of requests whose connection was established, but that got no complete HTTP answer.
	CutOff = "connected, but no answer"
)

// noBody matches the keys of requests without a body.
var noBody = regexp.MustCompile(`^(HTTP \d{3}( without a body)?|` + CutOff + `)$`)

func (a Answers) String() string {
	counts := make([]string, 0, len(a))
	for _, key := range slices.Sorted(maps.Keys(a)) {
		name := key
		switch {
		case key == NobodyAnswered:
			name = "no answer"
		case !noBody.MatchString(key):
			name = strconv.Quote(shorten(key))
		}
		counts = append(counts, fmt.Sprintf("%s ×%d", name, a[key]))
	}
	return shorten(strings.Join(counts, ", "))
}

// keyOf returns the key of an answer in Answers.
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

// mostUnanswered is the number of unanswered requests after which no more are made, since they would only take time.
const mostUnanswered = 3

// askRepeatedly requests a URL a number of times, each time with a new connection, and prints after each answer curl's report,
// which ends with the exit code of that request (curl 7.75 and later). One curl makes all requests until one gets no answer;
// then another continues. The script fails if curl ends with an exit code other than those for unanswered requests.
const askRepeatedly = `
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

// Answers requests a URL a number of times, each time with a new connection; the answer is an Answers. It stops at the third
// request without an HTTP answer. The look fails if curl cannot make the request or cannot resolve the name in the URL.
func (s Shell) Answers(url string, times int) Look {
	return request{look{fmt.Sprintf("GET %s %d times %s", url, times, s.place), func(ctx context.Context) (any, error) {
		out, err := s.Run(ctx, "sh", "-c", askRepeatedly, url, strconv.Itoa(times), seconds(s.limit), report+" exit=%{exitcode}\n",
			joinCodes(unansweredCodes()), strconv.Itoa(mostUnanswered))
		if err != nil {
			return nil, err
		}
		answers, err := readAnswers(out, times)
		if err != nil {
			return nil, fmt.Errorf("request %s %d times %s: %w", url, times, s.place, err)
		}
		return answers, nil
	}}, url}
}

// unansweredCodes returns curl's exit codes for a request that was made and got no HTTP answer.
func unansweredCodes() []int { return append(curlCutOff(), curlUnconnected) }

// joinCodes returns exit codes in the form of the scripts: "1 8 18".
func joinCodes(codes []int) string { return strings.Trim(fmt.Sprint(codes), "[]") }

// readAnswers parses the output of askRepeatedly, which must contain all requests, or mostUnanswered unanswered ones.
func readAnswers(out Output, times int) (Answers, error) {
	answers, asked, unanswered := Answers{}, 0, 0
	body := ""
	for line := range strings.Lines(out.Stdout) {
		body += line
		if !strings.HasPrefix(line, reportMark) {
			continue
		}
		stdout, exit, _ := cutLast(strings.TrimSpace(body), " exit=")
		code, err := strconv.Atoi(exit)
		if err != nil {
			return nil, couldNotAsk(out)
		}
		answer, err := CurlAnswer(Output{Stdout: stdout, Stderr: out.Stderr, ExitCode: code})
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

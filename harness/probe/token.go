package probe

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Tokens is the output of a command, and whom the API server authenticates with each token in it.
type Tokens struct {
	Output  string   // without the tokens
	Bearers []Bearer // in the order of the tokens
}

// Bearer is the user that the API server authenticates with a token; empty if it answers 401.
type Bearer string

func (b Bearer) String() string {
	if b == "" {
		return "turned away (401)"
	}
	return "signed in as " + string(b)
}

func (t Tokens) String() string {
	if len(t.Bearers) == 0 {
		return "no token: " + shorten(t.Output)
	}
	words := make([]string, len(t.Bearers))
	for i, bearer := range t.Bearers {
		words[i] = "a token, " + bearer.String()
	}
	return strings.Join(words, "; ")
}

// jsonWebToken matches a complete token (RFC 7519).
var jsonWebToken = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`)

// TokensOf runs a command line with kubectl in a Shell and authenticates with each token that it prints; the answer is a
// Tokens. The look fails if any kubectl in the line got no answer, which the exit code of a pipeline does not show.
func (c Cluster) TokensOf(shell Shell, line string) Look {
	return look{fmt.Sprintf("tokens from `%s` %s", strings.TrimSpace(line), shell.place), func(ctx context.Context) (any, error) {
		out, err := shell.Run(ctx, "sh", "-c", line)
		if err != nil {
			return nil, err
		}
		if err := kubectlFailure(out); err != nil {
			return nil, fmt.Errorf("run `%s`: %w", strings.TrimSpace(line), err)
		}
		tokens := Tokens{Output: maskTokens(out.String())}
		for _, token := range jsonWebToken.FindAllString(out.Stdout, -1) {
			bearer, err := c.authenticate(ctx, token)
			if err != nil {
				return nil, fmt.Errorf("authenticate with a token: %w", err)
			}
			tokens.Bearers = append(tokens.Bearers, bearer)
		}
		return tokens, nil
	}}
}

func maskTokens(text string) string { return jsonWebToken.ReplaceAllString(text, "[a token]") }

// kubectlAnswers matches the lines on standard error if kubectl got an answer: there is no such Secret, or, from a kubectl
// before 1.24, there is no subcommand "create token". The warnings come from the server and the container engine. Errors of
// aggregated APIs are ignored, since they do not serve Secrets.
var kubectlAnswers = regexp.MustCompile(`^(` + strings.Join([]string{
	`No resources found( in .* namespace)?\.?`,
	`Error from server \(NotFound\): secrets "[^"]+" not found`,
	`Error: must specify one of -f and -k`,
	`error: unknown command "[^"]*"`,
	`See 'kubectl [^']*' for help and examples\.?`,
	`Warning: .*`,
	`E\d{4} .*couldn't get resource list for [\w.-]+\.[\w.-]+/\w+: .*`,
	`(WARN\[\d+\]|time="[^"]*" level=warning) .*`,
}, "|") + `)$`)

// explainsFailure matches those of these lines with which kubectl fails.
var explainsFailure = regexp.MustCompile(`^(Error from server \(NotFound\)|error: unknown command)`)

// kubectlFailure returns an error if a kubectl got no answer. Every line of standard error must match kubectlAnswers, and if
// the exit code is not 0, one must match explainsFailure.
func kubectlFailure(out Output) error {
	explained := out.ExitCode == 0
	for line := range strings.Lines(out.Stderr) {
		line = strings.TrimSpace(line)
		if line != "" && !kubectlAnswers.MatchString(line) {
			return fmt.Errorf("kubectl got no answer: %s", maskTokens(line))
		}
		explained = explained || explainsFailure.MatchString(line)
	}
	if !explained {
		return fmt.Errorf("kubectl failed without a reason: %s", maskTokens(out.String()))
	}
	return nil
}

// authenticate returns the user that the API server authenticates with only this token. A server before 1.28 has no
// SelfSubjectReview, but names the user when it forbids a request. It returns an error if the server does not name the user.
func (c Cluster) authenticate(ctx context.Context, token string) (Bearer, error) {
	config := rest.AnonymousClientConfig(c.Config)
	config.BearerToken = token
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return "", err
	}
	review, err := client.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err == nil {
		return newBearer(review.Status.UserInfo.Username)
	}
	if apierrors.IsNotFound(err) {
		_, err = client.CoreV1().Secrets(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{Limit: 1})
	}
	switch {
	case err == nil:
		return newBearer("")
	case apierrors.IsUnauthorized(err):
		return "", nil
	case apierrors.IsForbidden(err):
		return newBearer(ForbiddenUser(err.Error()))
	default:
		return "", err
	}
}

// newBearer returns the bearer of this name. An empty name is an error, because the zero Bearer means a 401.
func newBearer(user string) (Bearer, error) {
	if user == "" {
		return "", errors.New("the API server accepts the token, but does not name its user")
	}
	return Bearer(user), nil
}

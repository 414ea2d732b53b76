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

// Tokens is what a command printed, and who the API server says the bearer of each token in it is.
type Tokens struct {
	Output  string   // without the tokens
	Bearers []Bearer // in the order of the tokens
}

// Bearer is who the API server takes the bearer of a token for; the zero value is nobody: it answered 401.
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

// jsonWebToken is a whole token (RFC 7519).
var jsonWebToken = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`)

// TokensOf runs a command line of kubectl in a shell and signs in with each token that it prints; the answer is Tokens. It
// is an error when any command in the line got no answer: a pipeline's exit code does not tell.
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
			bearer, err := c.signIn(ctx, token)
			if err != nil {
				return nil, fmt.Errorf("sign in with a token: %w", err)
			}
			tokens.Bearers = append(tokens.Bearers, bearer)
		}
		return tokens, nil
	}}
}

func maskTokens(text string) string { return jsonWebToken.ReplaceAllString(text, "[a token]") }

// kubectlAnswers are the lines on the error output when kubectl has an answer: there is no such Secret, or, from a kubectl
// before 1.24, there is no subcommand "create token". The warnings are the server's and the container engine's. An
// aggregated API that is down is not the one that serves Secrets.
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

// explainsFailure are those lines with which kubectl fails.
var explainsFailure = regexp.MustCompile(`^(Error from server \(NotFound\)|error: unknown command)`)

// kubectlFailure is the error of commands of kubectl that got no answer. Every line of their error output must be one
// of those that come with an answer, and a failure must be explained by one.
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

// signIn asks who the bearer is, with the token as the only credential. A server before 1.28 does not serve the question,
// but names whom it forbids something. It is an error when the server leaves open who the bearer is.
func (c Cluster) signIn(ctx context.Context, token string) (Bearer, error) {
	config := rest.AnonymousClientConfig(c.Config)
	config.BearerToken = token
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return "", err
	}
	review, err := client.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err == nil {
		return known(review.Status.UserInfo.Username)
	}
	if apierrors.IsNotFound(err) {
		_, err = client.CoreV1().Secrets(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{Limit: 1})
	}
	switch {
	case err == nil:
		return known("")
	case apierrors.IsUnauthorized(err):
		return "", nil
	case apierrors.IsForbidden(err):
		return known(ForbiddenUser(err.Error()))
	default:
		return "", err
	}
}

// known is the bearer of this name, or an error when the server gave none: the zero Bearer would be one turned away.
func known(user string) (Bearer, error) {
	if user == "" {
		return "", errors.New("the API server accepts the token, but does not say whose it is")
	}
	return Bearer(user), nil
}

package probe

import (
	"context"
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

// unreachable is what kubectl says when it had no answer at all.
var unreachable = regexp.MustCompile(`Unable to connect to the server|The connection to the server .* was refused|TLS handshake timeout`)

// TokensOf runs a command line in a shell and signs in with each token that it prints; the answer is Tokens.
func (c Cluster) TokensOf(shell Shell, line string) Look {
	return look{fmt.Sprintf("tokens from `%s` %s", strings.TrimSpace(line), shell.place), func(ctx context.Context) (any, error) {
		out, err := shell.Run(ctx, "sh", "-c", line)
		if err != nil {
			return nil, err
		}
		if unreachable.MatchString(out.Stderr) {
			return nil, fmt.Errorf("run `%s`: %s", strings.TrimSpace(line), strings.TrimSpace(out.Stderr))
		}
		tokens := Tokens{Output: jsonWebToken.ReplaceAllString(out.String(), "[a token]")}
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

// named is whom the API server names when it knows who asks and does not permit it.
var named = regexp.MustCompile(`User "([^"]+)"`)

// signIn asks who the bearer is, with the token as the only credential. A server before 1.28 does not serve the question,
// but names whom it forbids something.
func (c Cluster) signIn(ctx context.Context, token string) (Bearer, error) {
	config := rest.AnonymousClientConfig(c.Config)
	config.BearerToken = token
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return "", err
	}
	review, err := client.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if apierrors.IsNotFound(err) {
		_, err = client.CoreV1().Secrets(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{Limit: 1})
	}
	switch {
	case err == nil:
		return Bearer(review.Status.UserInfo.Username), nil
	case apierrors.IsUnauthorized(err):
		return "", nil
	case apierrors.IsForbidden(err) && named.MatchString(err.Error()):
		return Bearer(named.FindStringSubmatch(err.Error())[1]), nil
	default:
		return "", err
	}
}

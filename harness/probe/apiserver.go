package probe

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
)

// As returns the cluster as another user sees it. The account must be allowed to impersonate that user.
func (c Cluster) As(user string) (Cluster, error) {
	c.Config = rest.CopyConfig(c.Config)
	c.Config.Impersonate = rest.ImpersonationConfig{UserName: user}
	client, err := kubernetes.NewForConfig(c.Config)
	if err != nil {
		return c, fmt.Errorf("connect as %s: %w", user, err)
	}
	c.Client = client
	return c, nil
}

func (c Cluster) user() string {
	if c.Config.Impersonate.UserName == "" {
		return "ourselves"
	}
	return c.Config.Impersonate.UserName
}

// refusal returns the API server's refusal of a request of this user. A refusal that names another user is an error.
func (c Cluster) refusal(err error) (Answer, error) {
	answer, failed := ServerAnswer(err)
	if failed != nil {
		return answer, failed
	}
	user := c.Config.Impersonate.UserName
	if answer.Reason == metav1.StatusReasonForbidden && ForbiddenUser(answer.Body) != user {
		return Answer{}, fmt.Errorf("the API server refused another user than %s: %w", c.user(), err)
	}
	return answer, nil
}

// ServiceProxy requests a path of a Service through the API server. The answer is an Answer: of the API server itself if it
// refuses, and an unreached one if the API server can connect to no Pod of the Service.
func (c Cluster) ServiceProxy(service string, port int32, path string) Look {
	name := fmt.Sprintf("GET %s of Service %s through the API server as %s", path, service, c.user())
	return look{name, func(ctx context.Context) (any, error) {
		result := c.Client.CoreV1().RESTClient().Get().Namespace(c.Namespace).Resource("services").
			Name(fmt.Sprintf("http:%s:%d", service, port)).SubResource("proxy").Suffix(path).Do(ctx)
		if err := result.Error(); err != nil {
			if why := unreachedBackend(err); why != "" {
				return Answer{Why: why}, nil
			}
			return c.refusal(err)
		}
		body, err := result.Raw()
		return Answer{Status: http.StatusOK, Connected: true, Body: strings.TrimSpace(string(body))}, err
	}}
}

// unreachedBackend returns why the API server reached no Pod of a Service; empty if the error means something else. The
// status's reason is the general ServiceUnavailable, so only the message shows this
// (pkg/registry/core/service/storage/storage.go, ResourceLocation, and k8s.io/apimachinery/pkg/util/proxy).
func unreachedBackend(err error) string {
	for _, words := range []string{"no endpoints available for service", "error trying to reach service"} {
		if apierrors.IsServiceUnavailable(err) && strings.Contains(err.Error(), words) {
			return words
		}
	}
	return ""
}

// PortForward requests a path from a port of the only Pod, through a port-forward like kubectl's. The answer is an Answer, of
// the API server itself if it refuses to forward.
func (c Cluster) PortForward(pods Pods, port int32, path string) Look {
	name := fmt.Sprintf("GET %s of %s through a port-forward as %s", path, pods.Name(), c.user())
	return look{name, func(ctx context.Context) (any, error) {
		pod, err := pods.One(ctx)
		if err != nil {
			return nil, err
		}
		forward := func() *rest.Request {
			return c.Client.CoreV1().RESTClient().Post().Resource("pods").Namespace(pod.Namespace).Name(pod.Name).SubResource("portforward")
		}
		answer, err := c.throughForward(ctx, forward().URL(), port, path)
		if err != nil {
			// The error no longer contains the API server's status. A request without a stream gets the same refusal with it.
			if refused := forward().Do(ctx).Error(); apierrors.IsForbidden(refused) {
				return c.refusal(refused)
			}
		}
		return answer, err
	}}
}

// GetPortForward requests a port-forward to the only Pod by a GET, as a client does that uses WebSocket, but without the upgrade of the
// connection. The answer is the API server's, an Answer: it refuses a user without permission, and of others it wants the upgrade.
func (c Cluster) GetPortForward(pods Pods) Look {
	name := fmt.Sprintf("GET of the port-forward to %s as %s", pods.Name(), c.user())
	return look{name, func(ctx context.Context) (any, error) {
		pod, err := pods.One(ctx)
		if err != nil {
			return nil, err
		}
		err = c.Client.CoreV1().RESTClient().Get().Namespace(pod.Namespace).Resource("pods").Name(pod.Name).SubResource("portforward").Do(ctx).Error()
		if apierrors.IsForbidden(err) && !isPolicy(err.Error()) { // the check for the right to create names no user
			return Answer{Status: http.StatusForbidden, Connected: true, Body: err.Error(), Reason: metav1.StatusReasonForbidden}, nil
		}
		return c.refusal(err)
	}}
}

// forwardSteps is how many times the limit of one request a port-forward may take, since it consists of several steps.
const forwardSteps = 5

func (c Cluster) throughForward(ctx context.Context, to *url.URL, port int32, path string) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, forwardSteps*orDefault(c.Limit))
	defer cancel()
	transport, upgrader, err := spdy.RoundTripperFor(c.Config)
	if err != nil {
		return Answer{}, fmt.Errorf("prepare a port-forward: %w", err)
	}
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, to)
	ready, done := make(chan struct{}), make(chan error, 1)
	forwarder, err := portforward.NewOnAddresses(dialer, []string{"127.0.0.1"}, []string{fmt.Sprintf("0:%d", port)}, ctx.Done(), ready, io.Discard, io.Discard)
	if err != nil {
		return Answer{}, fmt.Errorf("prepare a port-forward: %w", err)
	}
	go func() { done <- forwarder.ForwardPorts() }()
	select {
	case <-ready:
	case err := <-done:
		return Answer{}, fmt.Errorf("forward a port: %w", err)
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("forward a port: %w", ctx.Err())
	}
	ports, err := forwarder.GetPorts()
	if err != nil {
		return Answer{}, fmt.Errorf("forward a port: %w", err)
	}
	return get(ctx, "http://"+net.JoinHostPort("127.0.0.1", strconv.Itoa(int(ports[0].Local)))+path)
}

// get requests a URL of this machine.
func get(ctx context.Context, url string) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Answer{}, err
	}
	request.Close = true
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return Answer{}, fmt.Errorf("send a request through the port-forward: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // it is only read
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("send a request through the port-forward: %w", err)
	}
	return Answer{Status: response.StatusCode, Connected: true, Body: strings.TrimSpace(string(body))}, nil
}

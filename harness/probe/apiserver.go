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

// As sees the cluster with the rights of another user, whom we may impersonate.
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

// refusal is the API server's refusal of a request of this user. That another user lacks a right is an error.
func (c Cluster) refusal(err error) (Answer, error) {
	answer, failed := ServerAnswer(err)
	if failed != nil {
		return answer, failed
	}
	user := c.Config.Impersonate.UserName
	if answer.Reason == metav1.StatusReasonForbidden && user != "" && ForbiddenUser(answer.Body) != user {
		return Answer{}, fmt.Errorf("the API server refused another user than %s: %w", user, err)
	}
	return answer, nil
}

// ServiceProxy asks a Service for a path through the API server; the answer is an Answer, of the API server itself when
// it refuses, and one that reached nobody when no Pod behind the Service can be dialled.
func (c Cluster) ServiceProxy(service string, port int32, path string) Look {
	name := fmt.Sprintf("GET %s of Service %s through the API server as %s", path, service, c.user())
	return look{name, func(ctx context.Context) (any, error) {
		result := c.Client.CoreV1().RESTClient().Get().Namespace(c.Namespace).Resource("services").
			Name(fmt.Sprintf("http:%s:%d", service, port)).SubResource("proxy").Suffix(path).Do(ctx)
		if err := result.Error(); err != nil {
			if why := nobodyBehind(err); why != "" {
				return Answer{Why: why}, nil
			}
			return c.refusal(err)
		}
		body, err := result.Raw()
		return Answer{Status: http.StatusOK, Connected: true, Body: strings.TrimSpace(string(body))}, err
	}}
}

// nobodyBehind is why the API server reached no Pod behind a Service; empty when that is not what it said. The reason of its
// status is that of all that is unavailable for the moment, so that only the words tell
// (pkg/registry/core/service/storage/storage.go, ResourceLocation, and k8s.io/apimachinery/pkg/util/proxy).
func nobodyBehind(err error) string {
	for _, words := range []string{"no endpoints available for service", "error trying to reach service"} {
		if apierrors.IsServiceUnavailable(err) && strings.Contains(err.Error(), words) {
			return words
		}
	}
	return ""
}

// PortForward asks a port of the one Pod that there is for a path, through a forwarding as kubectl port-forward makes
// it; the answer is an Answer, of the API server when it refuses to forward.
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
			// The error is mere words by now. A refusal comes again, as what it is, to a request that asks for no stream.
			if refused := forward().Do(ctx).Error(); apierrors.IsForbidden(refused) {
				return c.refusal(refused)
			}
		}
		return answer, err
	}}
}

// forwardSteps is how many times the limit of one request a forwarding may take, which takes many steps.
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

// get asks a URL of this very machine.
func get(ctx context.Context, url string) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Answer{}, err
	}
	request.Close = true
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return Answer{}, fmt.Errorf("ask through the port-forward: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("ask through the port-forward: %w", err)
	}
	return Answer{Status: response.StatusCode, Connected: true, Body: strings.TrimSpace(string(body))}, nil
}

package probe

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	//lint:ignore SA1019 client-go's spdy.Upgrader is written in these types
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/client-go/util/exec"
)

// errCutOff is the error of a command whose exit status was not received. Client-go treats that as success (watchErrorStream
// in tools/remotecommand), although some or all of the command's output may be missing.
var errCutOff = errors.New("the connection ended before the command's exit status was received, so its output may be incomplete")

// exec runs a command in a container of a Pod.
func (c Cluster) exec(ctx context.Context, pod *corev1.Pod, container string, command []string) (Output, error) {
	request := c.Client.CoreV1().RESTClient().Post().Resource("pods").Namespace(c.Namespace).Name(pod.Name).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Container: container, Command: command, Stdout: true, Stderr: true}, scheme.ParameterCodec)
	transport, upgrade, err := spdy.RoundTripperFor(rest.CopyConfig(c.Config))
	if err != nil {
		return Output{}, err
	}
	var status atomic.Bool
	executor, err := remotecommand.NewSPDYExecutorForTransports(transport, statusUpgrader{upgrade, &status}, http.MethodPost, request.URL())
	if err != nil {
		return Output{}, err
	}
	var stdout, stderr bytes.Buffer
	err = executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: &stdout, Stderr: &stderr})
	out := Output{Stdout: stdout.String(), Stderr: stderr.String()}
	var failed exec.CodeExitError
	switch {
	case errors.As(err, &failed):
		out.ExitCode, err = failed.Code, nil
	case err == nil && !status.Load():
		err = errCutOff
	}
	return out, err
}

// statusUpgrader records whether anything was received on the stream on which a kubelet reports how a command ended. Since
// protocol v4.channel.k8s.io the kubelet reports this for every command, also for one that succeeded.
type statusUpgrader struct {
	spdy.Upgrader
	received *atomic.Bool
}

// NewConnection implements spdy.Upgrader.
func (u statusUpgrader) NewConnection(response *http.Response) (httpstream.Connection, error) {
	connection, err := u.Upgrader.NewConnection(response)
	if err != nil {
		return nil, err
	}
	return statusConnection{connection, u.received}, nil
}

type statusConnection struct {
	httpstream.Connection
	received *atomic.Bool
}

// CreateStream implements httpstream.Connection.
func (c statusConnection) CreateStream(headers http.Header) (httpstream.Stream, error) {
	stream, err := c.Connection.CreateStream(headers)
	if err != nil || headers.Get(corev1.StreamType) != corev1.StreamTypeError {
		return stream, err
	}
	return statusStream{stream, c.received}, nil
}

type statusStream struct {
	httpstream.Stream
	received *atomic.Bool
}

// Read implements io.Reader.
func (s statusStream) Read(into []byte) (int, error) {
	n, err := s.Stream.Read(into)
	if n > 0 {
		s.received.Store(true)
	}
	return n, err
}

package probe

import (
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"
)

// kubelet starts a server that answers every command with this output and this status, and then closes the connection.
func kubelet(t *testing.T, output, status string) Cluster {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := httpstream.Handshake(r, w, []string{"v4.channel.k8s.io"}); err != nil {
			t.Error(err)
			return
		}
		streams := make(chan httpstream.Stream, 3)
		connection := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(stream httpstream.Stream, sent <-chan struct{}) error {
			streams <- stream
			return nil
		})
		if connection == nil {
			t.Error("the connection was not upgraded")
			return
		}
		defer connection.Close()
		write := map[string]string{corev1.StreamTypeStdout: output, corev1.StreamTypeError: status}
		byType := map[string]httpstream.Stream{}
		for len(byType) < 3 {
			stream := <-streams
			byType[stream.Headers().Get(corev1.StreamType)] = stream
		}
		for kind, stream := range byType {
			if write[kind] != "" {
				_, _ = stream.Write([]byte(write[kind]))
			}
			_ = stream.Close()
		}
		<-connection.CloseChan()
	}))
	t.Cleanup(server.Close)
	config := &rest.Config{Host: server.URL}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return Cluster{Client: client, Config: config, Namespace: "default"}
}

func TestACommandWithoutAStatusIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		output, status string
		exit           int
		wrong          error
	}{
		"it succeeded":   {"text", `{"status": "Success"}`, 0, nil},
		"it failed":      {"", `{"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": [{"reason": "ExitCode", "message": "44"}]}}`, 44, nil},
		"it was cut off": {"", "", 0, errCutOff},
		"with output":    {"half of the te", "", 0, errCutOff},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "web"}}
			out, err := kubelet(t, c.output, c.status).exec(t.Context(), pod, "main", []string{"cat", "/file"})
			if c.wrong != nil {
				g.Expect(err).To(MatchError(c.wrong))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(out.Stdout).To(Equal(c.output))
			g.Expect(out.ExitCode).To(Equal(c.exit))
		})
	}
}

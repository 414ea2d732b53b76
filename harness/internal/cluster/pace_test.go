package cluster

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

func TestRequestsOfAllClientsToAnExistingClusterWaitForTheirTurnTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		var arrived atomic.Int32
		wrap := paced(newPace())
		clients := []http.RoundTripper{}
		for range 2 {
			clients = append(clients, wrap(roundTripper(func(*http.Request) (*http.Response, error) {
				arrived.Add(1)
				return &http.Response{}, nil
			})))
		}
		began := time.Now()
		var all sync.WaitGroup
		for i := range requestsAtOnce + 2*requestsPerSecond {
			all.Go(func() {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://cluster", nil)
				g.Expect(err).NotTo(HaveOccurred())
				_, err = clients[i%2].RoundTrip(request)
				g.Expect(err).NotTo(HaveOccurred())
			})
		}
		synctest.Wait()
		g.Expect(arrived.Load()).To(BeNumerically("~", requestsAtOnce, 1))
		all.Wait()
		g.Expect(time.Since(began)).To(BeNumerically("~", 2*time.Second, 200*time.Millisecond))
	})
}

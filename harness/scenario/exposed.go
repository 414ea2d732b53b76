package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/match"
)

// Exposed waits until the Service of this name has an external IP, and returns the Service.
func (s *S) Exposed(name string) Service {
	s.t.Helper()
	s.relyOn(verdict.Balancer)
	s.Eventually(s.cluster.Service(name)).Should(gomega.ConsistOf(match.HaveExternalIP()))
	return s.Service(name)
}

// ExternalIP returns the Service's first external IP; empty if it has none.
func (v Service) ExternalIP() string {
	for _, ingress := range v.Was.Status.LoadBalancer.Ingress {
		if ingress.IP != "" {
			return ingress.IP
		}
	}
	return ""
}

// ExposedOutside does what Exposed does, for a Service that the machine outside must reach. The claim is inconclusive if that
// machine has no route to the external IP, which is then not on the nodes' network.
func (s *S) ExposedOutside(name string) Service {
	s.t.Helper()
	service := s.Exposed(name)
	out, err := s.outside().Run(s.ctx, "ip", "route", "get", service.ExternalIP())
	if err == nil && out.ExitCode != 0 {
		err = fmt.Errorf("ip route get: %s", out)
	}
	if err != nil {
		s.abort("find the route of the machine outside to %s, the external IP of Service %s: %v", service.ExternalIP(), name, err)
	}
	return service
}

// ExternalAt returns the URL of a port at the Service's external IP.
func (v Service) ExternalAt(port int32) string { return url(v.ExternalIP(), port) }

// ExternalURL returns the URL of the Service's first port at its external IP.
func (v Service) ExternalURL() string { return v.ExternalAt(v.Was.Spec.Ports[0].Port) }

// UnassignedURL returns the URL of a port at an address of the load balancer's pools that no Service of the cluster has. It is
// empty if no pool can be read: only those of MetalLB are supported.
func (s *S) UnassignedURL(port int32) string {
	s.t.Helper()
	address, err := s.unassigned()
	switch {
	case apierrors.IsNotFound(err), apierrors.IsForbidden(err):
		return ""
	case err != nil:
		s.abort("find an unassigned address of the load balancer's pool: %v", err)
	}
	return url(address.String(), port)
}

func (s *S) unassigned() (netip.Addr, error) {
	text, err := s.cluster.Client.Discovery().RESTClient().Get().AbsPath("/apis/metallb.io/v1beta1/ipaddresspools").DoRaw(s.ctx)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("list MetalLB's pools: %w", err)
	}
	var pools struct {
		Items []struct{ Spec struct{ Addresses []string } }
	}
	if err := json.Unmarshal(text, &pools); err != nil {
		return netip.Addr{}, fmt.Errorf("read MetalLB's pools: %w", err)
	}
	services, err := s.cluster.Client.CoreV1().Services(metav1.NamespaceAll).List(s.ctx, metav1.ListOptions{})
	if err != nil {
		return netip.Addr{}, fmt.Errorf("list the Services: %w", err)
	}
	taken := map[string]bool{}
	for _, service := range services.Items {
		for _, ingress := range service.Status.LoadBalancer.Ingress {
			taken[ingress.IP] = true
		}
	}
	for _, pool := range pools.Items {
		for _, addresses := range pool.Spec.Addresses {
			free, err := lastFree(addresses, taken)
			if err != nil || free.IsValid() {
				return free, err
			}
		}
	}
	return netip.Addr{}, errors.New("every address is assigned to a Service")
}

// lastFree returns the last address of a range that is not taken; the zero value if all are. MetalLB assigns addresses from
// the first on, so the last one stays free the longest.
func lastFree(addresses string, taken map[string]bool) (netip.Addr, error) {
	first, last, err := parseRange(addresses)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("read MetalLB's addresses %q: %w", addresses, err)
	}
	for at := last; at.Compare(first) >= 0; at = at.Prev() {
		if !taken[at.String()] {
			return at, nil
		}
	}
	return netip.Addr{}, nil
}

// parseRange parses both forms that MetalLB accepts: "10.0.0.16/28" and "10.0.0.16-10.0.0.31".
func parseRange(addresses string) (first, last netip.Addr, err error) {
	if block, err := netip.ParsePrefix(addresses); err == nil {
		return block.Masked().Addr(), lastOf(block), nil
	}
	from, to, _ := strings.Cut(addresses, "-")
	if first, err = netip.ParseAddr(strings.TrimSpace(from)); err != nil {
		return first, last, err
	}
	last, err = netip.ParseAddr(strings.TrimSpace(to))
	return first, last, err
}

// lastOf returns the last address of a block: all its host bits are set.
func lastOf(block netip.Prefix) netip.Addr {
	bytes := block.Masked().Addr().AsSlice()
	for bit := block.Bits(); bit < 8*len(bytes); bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last
}

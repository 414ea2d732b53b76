package breaks

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// flushRules removes the rules of kube-proxy from a node, in whichever of its modes iptables and nftables it made them, and
// the connections that the kernel remembers, which go on without rules. The chains of the kubelet stay, and so do all
// others. A variant of iptables that is not installed, or that the kernel refuses, has no rules.
const flushRules = `for save in iptables-nft-save iptables-legacy-save ip6tables-nft-save ip6tables-legacy-save; do
  rules=$("$save" 2>/dev/null) || continue
  case $rules in *KUBE-S*) ;; *) continue ;; esac
  printf '%s\n' "$rules" |
    awk '!/KUBE-/ || /KUBE-(FIREWALL|KUBELET-CANARY|IPTABLES-HINT)/' |
    "${save%save}restore"
done
for family in ip ip6; do
  if nft list table "$family" kube-proxy >/dev/null 2>&1; then nft delete table "$family" kube-proxy; fi
done
conntrack --flush 2>/dev/null`

// countRules counts the rules of kube-proxy that lead to Services: chains of iptables, rules of nftables, servers of IPVS.
const countRules = `{
  for save in iptables-nft-save iptables-legacy-save; do "$save" --table nat 2>/dev/null | grep '^-A KUBE-SERVICES' || true; done
  nft list table ip kube-proxy 2>/dev/null | grep goto || true
  grep --extended-regexp '^(TCP|UDP)' /proc/net/ip_vs 2>/dev/null || true
} | wc -l`

// flushProxyRules removes the rules of kube-proxy from a node and waits until none is there. IPVS has no tool on a node;
// its rules stay, and the error says so.
func (c *change) flushProxyRules(ctx context.Context, node string) error {
	return await(ctx, "node "+node+" has no rules of kube-proxy", rulesWithin, func(ctx context.Context) (string, error) {
		if _, err := c.script(ctx, node, flushRules); err != nil {
			return "", err
		}
		n, err := c.proxyRules(ctx, node)
		if err != nil || n == 0 {
			return "", err
		}
		return fmt.Sprintf("it has %d", n), nil
	})
}

// awaitProxyRules waits until kube-proxy has made its rules on a node.
func (c *change) awaitProxyRules(ctx context.Context, node string) error {
	return await(ctx, "node "+node+" has the rules of kube-proxy", rulesWithin, func(ctx context.Context) (string, error) {
		n, err := c.proxyRules(ctx, node)
		if err != nil || n > 0 {
			return "", err
		}
		return "it has none", nil
	})
}

func (c *change) proxyRules(ctx context.Context, node string) (int, error) {
	text, err := c.script(ctx, node, countRules)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return 0, fmt.Errorf("count the rules of kube-proxy on %s: %w", node, err)
	}
	return n, nil
}

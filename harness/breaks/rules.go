package breaks

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// flushRules removes the rules of kube-proxy from a node, both those of its iptables mode and those of its nftables mode, and the
// tracked connections, which would continue without rules. It keeps the chains of the kubelet and all others. It skips a variant
// of iptables that is not installed or not supported by the kernel.
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

// countRules counts the rules of kube-proxy for Services: rules of iptables, rules of nftables, virtual servers of IPVS.
const countRules = `{
  for save in iptables-nft-save iptables-legacy-save; do "$save" --table nat 2>/dev/null | grep '^-A KUBE-SERVICES' || true; done
  nft list table ip kube-proxy 2>/dev/null | grep goto || true
  grep --extended-regexp '^(TCP|UDP)' /proc/net/ip_vs 2>/dev/null || true
} | wc -l`

// flushProxyRules removes the rules of kube-proxy from a node and waits until it has none. It returns an error in IPVS mode,
// because nodes have no tool to remove the rules of IPVS.
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

// awaitProxyRules waits until kube-proxy has created its rules on a node.
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

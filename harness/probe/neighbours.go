package probe

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Announcers are the names of the nodes that announce an address on the nodes' network, sorted and without duplicates.
type Announcers []string

func (a Announcers) String() string {
	if len(a) == 0 {
		return "nobody"
	}
	return strings.Join(a, ", ")
}

// askAnnouncers removes the neighbour entry of an address, requests the URL, and prints the MAC address that the packets were
// sent to; five times. It fails if curl cannot make the request. A request without an answer is not a failure, because the MAC
// address is known before.
const askAnnouncers = `
for i in 1 2 3 4 5; do
  ip neigh flush to "$1" || exit
  curl --silent --output /dev/null --noproxy '*' --max-time "$2" "$0"
  code=$?
  case " 0 $3 " in *" $code "*) ;; *) exit "$code" ;; esac
  ip neigh show to "$1" | sed -n 's/.*lladdr \([^ ]*\).*/\1/p'
done`

// Announcing looks several times, from a machine on the nodes' network, which node packets for this URL are sent to; the
// answer is an Announcers. It identifies nodes by the MAC addresses that these Pods see, so the Pods must use the host's
// network. The machine must be allowed to change its network configuration (NET_ADMIN).
func (p Pods) Announcing(target string, from Shell) Look {
	return look{"who announces " + target + " " + from.place, func(ctx context.Context) (any, error) {
		parsed, err := url.Parse(target)
		if err != nil {
			return nil, err
		}
		out, err := from.Run(ctx, "sh", "-c", askAnnouncers, target, parsed.Hostname(), seconds(from.limit), joinCodes(unansweredCodes()))
		if err != nil {
			return nil, err
		}
		if out.ExitCode != 0 {
			return nil, fmt.Errorf("find out who announces %s: %s", target, out)
		}
		owners, err := p.linkOwners(ctx)
		if err != nil {
			return nil, err
		}
		var who Announcers
		for _, link := range strings.Fields(out.Stdout) {
			name, known := owners[link]
			if !known {
				name = "a machine that is no node (" + link + ")"
			}
			who = append(who, name)
		}
		slices.Sort(who)
		return slices.Compact(who), nil
	}}
}

// linkOwners returns the name of the node of each MAC address that the Pods see.
func (p Pods) linkOwners(ctx context.Context) (map[string]string, error) {
	pods, err := p.List(ctx)
	if err != nil {
		return nil, err
	}
	owners := map[string]string{}
	for _, pod := range pods {
		out, err := p.cluster.exec(ctx, &pod, MainContainer(&pod), []string{"sh", "-c", "cat /sys/class/net/*/address"})
		if err != nil {
			return nil, fmt.Errorf("read the MAC addresses of node %s: %w", pod.Spec.NodeName, err)
		}
		for _, link := range strings.Fields(out.Stdout) {
			owners[link] = pod.Spec.NodeName
		}
	}
	return owners, nil
}

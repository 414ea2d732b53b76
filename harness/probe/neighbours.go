package probe

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Announcers are those who say on the nodes' network that they have an address: names of nodes, each once and in order.
type Announcers []string

func (a Announcers) String() string {
	if len(a) == 0 {
		return "nobody"
	}
	return strings.Join(a, ", ")
}

// askWho forgets who has an address, asks the URL, and prints the link-layer (MAC) address that the packets went to;
// several times over. It ends when curl could not ask. That nobody answers is no failure: the address is known before.
const askWho = `
for i in 1 2 3 4 5; do
  ip neigh flush to "$1" || exit
  curl --silent --output /dev/null --noproxy '*' --max-time "$2" "$0"
  code=$?
  case " 0 $3 " in *" $code "*) ;; *) exit "$code" ;; esac
  ip neigh show to "$1" | sed -n 's/.*lladdr \([^ ]*\).*/\1/p'
done`

// Announcing asks a machine on the nodes' network, several times, to whom its packets go that are meant for this URL:
// the nodes of these Pods are identified by the MAC addresses that the Pods see, so they must be on the hosts' network. The
// answer is an Announcers. The machine must be allowed to change its network (NET_ADMIN).
func (p Pods) Announcing(target string, from Shell) Look {
	return look{"who announces " + target + " " + from.place, func(ctx context.Context) (any, error) {
		parsed, err := url.Parse(target)
		if err != nil {
			return nil, err
		}
		said, err := from.Run(ctx, "sh", "-c", askWho, target, parsed.Hostname(), seconds(from.limit), words(unansweredCodes()))
		if err != nil {
			return nil, err
		}
		if said.ExitCode != 0 {
			return nil, fmt.Errorf("ask who announces %s: %s", target, said)
		}
		owners, err := p.linkOwners(ctx)
		if err != nil {
			return nil, err
		}
		var who Announcers
		for _, link := range strings.Fields(said.Stdout) {
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

// linkOwners says for each MAC address that the Pods see on which node that is.
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

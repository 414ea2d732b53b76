//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/vishvananda/netlink"
)

// ipStatus is the exit status of iproute2's ip when the kernel refuses a request.
const ipStatus = 2

var errUsage = errors.New("ip knows: [-4|-6] route [show], route get ADDRESS, route add|replace|del default|PREFIX [via ADDRESS] [dev NAME], " +
	"neigh show|flush to ADDRESS, addr [show], link [show], link set NAME up|down")

// ip shows and changes the network of this namespace, in the words and with the output of iproute2.
func ip(args []string, std io3) int {
	family := netlink.FAMILY_V4
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		switch args[0] {
		case "-4":
		case "-6":
			family = netlink.FAMILY_V6
		default:
			fmt.Fprintln(std.err, errUsage)
			return 1
		}
		args = args[1:]
	}
	words := strings.Join(args, " ")
	err := errUsage
	switch object, rest, _ := strings.Cut(words, " "); object {
	case "route", "r":
		err = ipRoute(family, strings.Fields(rest), std.out)
	case "neigh", "n":
		err = ipNeigh(strings.Fields(rest), std.out)
	case "addr", "address", "a":
		err = ipAddr(strings.Fields(rest), std.out)
	case "link", "l":
		err = ipLink(strings.Fields(rest), std.out)
	}
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprintln(std.err, err)
		return 1
	case err != nil:
		fmt.Fprintln(std.err, "RTNETLINK answers:", kernelWords(err))
		return ipStatus
	}
	return 0
}

func ipRoute(family int, args []string, out io.Writer) error {
	verb := "show"
	if len(args) > 0 {
		verb, args = args[0], args[1:]
	}
	switch {
	case verb == "get" && len(args) == 1:
		to := net.ParseIP(args[0])
		if to == nil {
			return errUsage
		}
		routes, err := netlink.RouteGet(to)
		if err != nil {
			return err
		}
		return printRoutes(routes, args[0], out)
	case verb == "show" || verb == "list":
		routes, err := netlink.RouteList(nil, family)
		if err != nil {
			return err
		}
		return printRoutes(routes, "", out)
	case len(args) == 0:
		return errUsage
	}
	route, err := parseRoute(family, args)
	if err != nil {
		return err
	}
	switch verb {
	case "add":
		return netlink.RouteAdd(route)
	case "replace":
		return netlink.RouteReplace(route)
	case "del":
		return deleteRoute(family, route)
	}
	return errUsage
}

// parseRoute parses a destination and where packets to it go.
func parseRoute(family int, args []string) (*netlink.Route, error) {
	route := &netlink.Route{}
	text := args[0]
	switch {
	case text == "default" && family == netlink.FAMILY_V6:
		text = "::/0"
	case text == "default":
		text = "0.0.0.0/0"
	case !strings.Contains(text, "/") && strings.Contains(text, ":"):
		text += "/128"
	case !strings.Contains(text, "/"):
		text += "/32"
	}
	var err error
	if _, route.Dst, err = net.ParseCIDR(text); err != nil {
		return nil, errUsage
	}
	for args = args[1:]; len(args) > 1; args = args[2:] {
		switch args[0] {
		case "via":
			route.Gw = net.ParseIP(args[1])
		case "dev":
			link, err := netlink.LinkByName(args[1])
			if err != nil {
				return nil, err
			}
			route.LinkIndex = link.Attrs().Index
		default:
			return nil, errUsage
		}
	}
	if len(args) > 0 {
		return nil, errUsage
	}
	return route, nil
}

// deleteRoute deletes the first route to a destination, through the gateway and the device if these are given.
func deleteRoute(family int, like *netlink.Route) error {
	if like.Dst.IP.To4() == nil {
		family = netlink.FAMILY_V6
	}
	routes, err := netlink.RouteList(nil, family)
	if err != nil {
		return err
	}
	for _, route := range routes {
		if prefix(route.Dst, family) == like.Dst.String() && (like.Gw == nil || like.Gw.Equal(route.Gw)) &&
			(like.LinkIndex == 0 || like.LinkIndex == route.LinkIndex) {
			return netlink.RouteDel(&route)
		}
	}
	return syscall.ESRCH
}

// prefix returns a destination, in which nil is a default route.
func prefix(dst *net.IPNet, family int) string {
	switch {
	case dst != nil:
		return dst.String()
	case family == netlink.FAMILY_V6:
		return "::/0"
	}
	return "0.0.0.0/0"
}

// printRoutes prints routes as iproute2 does; to, if it is not empty, is the destination that was asked for.
func printRoutes(routes []netlink.Route, to string, out io.Writer) error {
	for _, route := range routes {
		words := []string{to}
		if to == "" {
			words[0] = destination(route.Dst)
		}
		if route.Gw != nil {
			words = append(words, "via", route.Gw.String())
		}
		if link, err := netlink.LinkByIndex(route.LinkIndex); err == nil {
			words = append(words, "dev", link.Attrs().Name)
		}
		if route.Src != nil {
			words = append(words, "src", route.Src.String())
		}
		if _, err := fmt.Fprintln(out, strings.Join(words, " ")); err != nil {
			return err
		}
	}
	return nil
}

func destination(dst *net.IPNet) string {
	if dst == nil {
		return "default"
	}
	ones, bits := dst.Mask.Size()
	switch ones {
	case 0:
		return "default"
	case bits:
		return dst.IP.String()
	}
	return dst.String()
}

// neighbourStates are the states that ip shows (linux/neighbour.h).
var neighbourStates = map[int]string{
	netlink.NUD_INCOMPLETE: "INCOMPLETE", netlink.NUD_REACHABLE: "REACHABLE", netlink.NUD_STALE: "STALE", netlink.NUD_DELAY: "DELAY",
	netlink.NUD_PROBE: "PROBE", netlink.NUD_FAILED: "FAILED", netlink.NUD_NOARP: "NOARP", netlink.NUD_PERMANENT: "PERMANENT",
}

// ipNeigh shows or deletes the entries of an address. As in iproute2, neither shows or deletes those that no protocol found.
func ipNeigh(args []string, out io.Writer) error {
	if len(args) != 3 || args[1] != "to" || args[0] != "show" && args[0] != "flush" {
		return errUsage
	}
	to := net.ParseIP(args[2])
	if to == nil {
		return errUsage
	}
	family := netlink.FAMILY_V4
	if to.To4() == nil {
		family = netlink.FAMILY_V6
	}
	entries, err := netlink.NeighList(0, family)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.IP.Equal(to) || entry.State&netlink.NUD_NOARP != 0 || entry.State == netlink.NUD_NONE {
			continue
		}
		if args[0] == "show" {
			if err := printNeighbour(entry, out); err != nil {
				return err
			}
		} else if entry.State&netlink.NUD_PERMANENT == 0 {
			if err := netlink.NeighDel(&entry); err != nil && !errors.Is(err, syscall.ENOENT) {
				return err
			}
		}
	}
	return nil
}

func printNeighbour(entry netlink.Neigh, out io.Writer) error {
	words := []string{entry.IP.String()}
	if link, err := netlink.LinkByIndex(entry.LinkIndex); err == nil {
		words = append(words, "dev", link.Attrs().Name)
	}
	if len(entry.HardwareAddr) > 0 {
		words = append(words, "lladdr", entry.HardwareAddr.String())
	}
	_, err := fmt.Fprintln(out, strings.Join(append(words, neighbourStates[entry.State]), " "))
	return err
}

func ipAddr(args []string, out io.Writer) error {
	if len(args) > 0 && args[0] != "show" {
		return errUsage
	}
	return eachLink(out, true)
}

func ipLink(args []string, out io.Writer) error {
	switch {
	case len(args) == 0 || args[0] == "show":
		return eachLink(out, false)
	case len(args) != 3 || args[0] != "set" || args[2] != "up" && args[2] != "down":
		return errUsage
	}
	link, err := netlink.LinkByName(args[1])
	if err != nil {
		return err
	}
	if args[2] == "up" {
		return netlink.LinkSetUp(link)
	}
	return netlink.LinkSetDown(link)
}

// eachLink prints all network interfaces, with their addresses if these are wanted.
func eachLink(out io.Writer, addresses bool) error {
	links, err := netlink.LinkList()
	if err != nil {
		return err
	}
	for _, link := range links {
		a := link.Attrs()
		fmt.Fprintf(out, "%d: %s: <%s> mtu %d\n    link/%s %s\n", a.Index, a.Name, strings.ToUpper(strings.ReplaceAll(a.Flags.String(), "|", ",")), a.MTU,
			a.EncapType, a.HardwareAddr)
		if !addresses {
			continue
		}
		list, err := netlink.AddrList(link, netlink.FAMILY_ALL)
		if err != nil {
			return err
		}
		for _, address := range list {
			name := "inet"
			if address.IP.To4() == nil {
				name = "inet6"
			}
			fmt.Fprintf(out, "    %s %s\n", name, address.IPNet)
		}
	}
	return nil
}

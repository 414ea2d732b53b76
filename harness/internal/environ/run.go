package environ

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Permission is something that may be done to an existing cluster beyond what stays in the run's own namespaces.
type Permission string

// The permissions.
const (
	ClusterObjects   Permission = "cluster-objects"   // create objects outside of the run's namespaces
	NodeLabels       Permission = "node-labels"       // label a node
	PrivilegedPods   Permission = "privileged-pods"   // Pods that Pod Security's standard "baseline" refuses, such as those in a node's network
	HostPaths        Permission = "host-paths"        // Pods with folders of their node
	LoadBalancers    Permission = "load-balancers"    // Services of type LoadBalancer, which may cost something
	NodePorts        Permission = "node-ports"        // Services with a port on every node
	NodeMemory       Permission = "node-memory"       // request nearly all memory of a node
	OutsideContainer Permission = "outside-container" // run a container beside the nodes, which must be containers of an engine here
	ChangeCluster    Permission = "change-cluster"    // all of the above
	BreakNodes       Permission = "break-nodes"       // run commands on nodes, stop a node and start it again
)

// parts are the permissions that change-cluster consists of.
var parts = [...]Permission{ClusterObjects, NodeLabels, PrivilegedPods, HostPaths, LoadBalancers, NodePorts, NodeMemory, OutsideContainer}

// Permissions are the permissions that were given.
type Permissions map[Permission]bool

// Allow returns whether a permission was given, by its own name or with change-cluster.
func (p Permissions) Allow(wanted Permission) bool {
	return p[wanted] || p[ChangeCluster] && slices.Contains(parts[:], wanted)
}

// maxTimeoutFactor makes the longest deadline a day.
const maxTimeoutFactor = 144

// ParsePermissions parses NOTEPROOF_ALLOW: permissions that are separated by commas. Empty means none.
func ParsePermissions(text string) (Permissions, error) {
	allowed := Permissions{}
	known := append(slices.Clone(parts[:]), ChangeCluster, BreakNodes)
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		given := Permission(name)
		if !slices.Contains(known, given) {
			return nil, fmt.Errorf("%q is not a permission: want some of %s, separated by commas", name, strings.Trim(fmt.Sprint(known), "[]"))
		}
		allowed[given] = true
	}
	return allowed, nil
}

// TimeoutFactor parses NOTEPROOF_TIMEOUT_FACTOR. Empty means 1.
func TimeoutFactor(text string) (float64, error) {
	if text == "" {
		return 1, nil
	}
	factor, err := strconv.ParseFloat(text, 64)
	if err != nil || !(factor > 0 && factor <= maxTimeoutFactor) { // NaN is neither
		return 0, fmt.Errorf("%q is not a timeout factor: want a number above 0 and up to %d, such as 2", text, maxTimeoutFactor)
	}
	return factor, nil
}

// Parallel parses NOTEPROOF_PARALLEL, how many scenarios run at once. Empty means 8, well above the number of cores, because
// scenarios mostly wait.
func Parallel(text string) (int, error) {
	if text == "" {
		return 8, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not a number of scenarios: want a whole number from 1 up", text)
	}
	return n, nil
}

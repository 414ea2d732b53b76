package environ

import (
	"fmt"
	"strconv"
	"strings"
)

// Permission is what may be done to an existing cluster beyond the run's own namespaces.
type Permission string

// The permissions.
const (
	ChangeCluster Permission = "change-cluster" // create objects outside of the run's namespaces, label a node, and request nearly all memory of one
	BreakNodes    Permission = "break-nodes"    // run commands on nodes, stop a node and start it again
)

// maxTimeoutFactor makes the longest deadline a day.
const maxTimeoutFactor = 144

// Permissions parses NOTEPROOF_ALLOW: permissions that are separated by commas. Empty means none.
func Permissions(text string) (map[Permission]bool, error) {
	allowed := map[Permission]bool{}
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		given := Permission(name)
		if given != ChangeCluster && given != BreakNodes {
			return nil, fmt.Errorf("%q is not a permission: want %s, %s, or both, separated by a comma", name, ChangeCluster, BreakNodes)
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

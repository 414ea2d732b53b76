package scenario

import (
	"strings"
	"testing"
)

func TestLastFree(t *testing.T) {
	for _, c := range []struct{ addresses, taken, want string }{
		{"10.0.0.16/28", "10.0.0.16 10.0.0.17", "10.0.0.31"},
		{"10.0.0.16/28", "10.0.0.31", "10.0.0.30"},
		{"10.0.0.20 - 10.0.0.21", "10.0.0.21", "10.0.0.20"},
		{"10.0.0.20-10.0.0.20", "10.0.0.20", "invalid IP"},
		{"10.0.0.7/32", "", "10.0.0.7"},
		{"fd00::/64", "", "fd00::ffff:ffff:ffff:ffff"},
		{"fd00::/64", "fd00::ffff:ffff:ffff:ffff", "fd00::ffff:ffff:ffff:fffe"},
	} {
		taken := map[string]bool{}
		for _, address := range strings.Fields(c.taken) {
			taken[address] = true
		}
		got, err := lastFree(c.addresses, taken)
		if err != nil || got.String() != c.want {
			t.Errorf("lastFree(%s without %s) = %s, %v, want %s", c.addresses, c.taken, got, err, c.want)
		}
	}
	if _, err := lastFree("a lot", nil); err == nil {
		t.Error("invalid ranges of addresses must be an error")
	}
}

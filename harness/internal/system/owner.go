package system

import (
	"os"
	"os/user"
	"strconv"
)

// Owner returns whose process this is, as "user@host". A user without a name is a number, and an unknown host is left out.
func Owner() string {
	owner := strconv.Itoa(os.Getuid())
	if u, err := user.Current(); err == nil {
		owner = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		owner += "@" + host
	}
	return owner
}

package claim

import (
	"fmt"
	"strconv"
)

// Property is a property of a cluster on which a Truth can depend, besides the version.
type Property string

// The properties, and their values.
const (
	ProxyMode     Property = "kube-proxy mode"      // "iptables", "ipvs" or "nftables"
	CgroupVersion Property = "cgroup version"       // "v1" or "v2"
	IPFamily      Property = "IP family"            // of Pods: "IPv4", "IPv6" or "dual-stack"
	Balancer      Property = "load balancer plugin" // "MetalLB"
)

// Setting is what a Truth can depend on.
type Setting struct {
	Version Version
	// Properties are the known properties of the cluster.
	Properties map[Property]string
}

// Truth is what is expected of a point: true, false, or one of them before a version and the other one from that version on. On
// clusters with some properties it may be the contrary.
type Truth struct {
	before, from bool
	turn         Version
	except       *exception
}

// exception is a value of a property with which the contrary is true.
type exception struct {
	property   Property
	value, why string
	next       *exception
}

// True and False are the truths that are the same in all versions.
var (
	True  = Truth{before: true, from: true}
	False = Truth{}
)

// TrueBefore is true in all minors before this one ("1.24") and false from it on. It panics if the version is invalid.
func TrueBefore(minor string) Truth { return Truth{before: true, turn: mustVersion(minor)} }

// TrueFrom is false in all minors before this one ("1.24") and true from it on. It panics like TrueBefore.
func TrueFrom(minor string) Truth { return Truth{from: true, turn: mustVersion(minor)} }

func mustVersion(text string) Version {
	v, err := ParseVersion(text)
	if err != nil {
		panic(err)
	}
	return v
}

// Except returns a Truth that is the contrary on clusters whose property has this value, for a reason that reports show.
func (t Truth) Except(property Property, value, why string) Truth {
	t.except = &exception{property, value, why, t.except}
	return t
}

// At returns the truth that is expected in this setting. A property that is not known counts as one without an exception: see
// Unknown.
func (t Truth) At(s Setting) bool {
	truth := t.from
	if s.Version.Before(t.turn) {
		truth = t.before
	}
	for e := t.except; e != nil; e = e.next {
		if s.Properties[e.property] == e.value {
			return !truth
		}
	}
	return truth
}

// Unknown returns a property on which the Truth depends and that is not known in this setting; empty if there is none.
func (t Truth) Unknown(s Setting) Property {
	for e := t.except; e != nil; e = e.next {
		if s.Properties[e.property] == "" {
			return e.property
		}
	}
	return ""
}

func (t Truth) String() string {
	text := ""
	switch {
	case t.before == t.from:
		text = strconv.FormatBool(t.from)
	case t.before:
		text = "true before " + t.turn.String()
	default:
		text = "true from " + t.turn.String()
	}
	for e := t.except; e != nil; e = e.next {
		text += fmt.Sprintf(", the contrary with %s %s (%s)", e.property, e.value, e.why)
	}
	return text
}

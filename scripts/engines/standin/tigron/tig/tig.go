// Package tig stands in for a package of nerdctl's tests that has never been published as a module. One package of nerdctl that
// is no test names its interface.
package tig

// T is the part of testing.T that nerdctl names.
type T interface {
	Helper()
	FailNow()
	Fail()
	Log(args ...any)
	Name() string
	TempDir() string
}

// Package engine finds a container engine that really works on this machine, finds out what the machine cannot do, and
// adapts to it: only where needed, only for our own child processes, and never by changing what the user configured.
//
//	detect.go    docker, podman, nerdctl: the first that works
//	info.go      what an engine says of itself and of the machine it runs on
//	host.go      what the kernel says of the limits that we run under
//	adapt.go     facts in, adaptations and obstacles out; pure
//	settings.go  podman's settings for our child processes
//	path.go      the PATH that engines need
//	command.go   running the engine; program.go, any program of this machine
//	shield.go    keeps a terminal's signals from what podman leaves running
package engine

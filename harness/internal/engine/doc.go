// Package engine finds a container engine that works on this machine, detects the machine's limitations and adapts to them:
// only where needed, only for our own child processes, and without changing the user's configuration.
//
//	detect.go    selects the first of docker, podman and nerdctl that works
//	info.go      parses what an engine reports about itself and its machine
//	host.go      reads the machine's limits from the kernel
//	place.go     decides whether the engine is on this machine
//	adapt.go     derives adaptations and obstacles from these facts; pure
//	settings.go  writes podman's settings for our child processes
//	path.go      the PATH that engines need
//	command.go   runs the engine; program.go, any program of this machine
//	wrapper.go   scripts that run the engine as the machine requires
package engine

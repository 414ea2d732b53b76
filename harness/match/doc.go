// Package match holds gomega matchers on what the probes saw. They are pure: they look at the value alone. A matcher is about
// one type of value; applied to any other it returns an error, which is the scenario's and answers nothing.
//
//	match.go         what a matcher is, and That, which makes one; lasting.go and prerequisite.go how points may use them
//	pods.go          which Pods they are; placement.go where, ips.go with which addresses
//	containers.go    what is in Pods; restarts.go what was started again; ends.go how it ended; resources.go what it asks for
//	cpu.go           a CPU limit; memory.go a memory limit, and whether the kernel killed for it or something else
//	answer.go        what was answered to a request; traffic.go who answers many; server.go what the API server answers
//	service.go       Services; endpoints.go where they lead; loadbalancer.go external IPs
//	volume.go        volumes and files; token.go tokens of accounts
package match

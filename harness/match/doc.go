// Package match provides gomega matchers for what the probes saw. They are pure: they examine only the value. A matcher is for
// one type of value. Applied to any other type it returns an error, which means that the scenario is wrong.
//
// The matchers:
//
//   - match.go: Described, and That, which makes a matcher
//   - lasting.go: Lasting, an answer that each look must show
//   - prerequisite.go: matchers that a point must not use
//
// For Pods and containers:
//
//   - pods.go: identity and phase of Pods
//   - placement.go: nodes of Pods
//   - ips.go: IPs of Pods
//   - containers.go: containers and Pods, ports and logs
//   - restarts.go: restarts of containers
//   - ends.go: how containers and Pods ended
//   - resources.go: requests and limits
//   - cpu.go: CPU usage
//   - memory.go: memory usage, OOM kills and free memory
//
// For requests, Services and other objects:
//
//   - answer.go: the answer to one request
//   - traffic.go: the answers to many requests
//   - server.go: answers of the API server
//   - stored.go: what the API server would store
//   - service.go: Services
//   - endpoints.go: endpoints of Services
//   - loadbalancer.go: external IPs, and who announces them
//   - table.go: tables
//   - volume.go: claims, mounts and files
//   - token.go: tokens
//
// How an OOM kill, another end of a container, a failed look and an eviction are distinguished:
//
//	what happened       what shows it                              where
//	OOM kill            exit code 137, and the reason OOMKilled    BeKilledForMemory (memory.go), on a probe.MemoryFate
//	                    or an OOM kill counted by the kernel       (probe/memoryfate.go)
//	another end         exit code, termination message             HaveExitCode, HaveBeenKilled, HaveOneFailed (ends.go)
//	failed look         error of Look.Ask                          no matcher is applied, the point is not observed
//	                                                               (internal/verdict/looks.go)
//	eviction            status.reason of the Pod, or its           HaveEndedByItself (ends.go) does not match; a contrary
//	                    condition DisruptionTarget                 answer is discarded (internal/verdict/health.go)
package match

// Package probe observes a cluster without changing it: what the API server reports, and what is seen from inside a
// container. A look distinguishes a negative answer, which is a value, from a failed look, which is an error.
//
//   - look.go: Look, and New, which makes one
//   - describe.go: what a look saw, in words for the record
//   - table.go: several looks in one table
//
// Pods and containers:
//
//   - pods.go: Cluster, and its Pods
//   - problem.go: why a Pod is not ready
//   - maincontainer.go: the main container of a Pod
//   - containers.go: containers, what they see, and their logs
//   - resources.go: requests and limits
//   - freememory.go: memory of a node that is not requested
//   - cgroup.go: CPU and memory usage
//   - load.go: the load of the nodes
//   - node.go: whether a node is Ready
//   - cpuquota.go: the CPU quota of a container
//   - memoryfate.go: how a container at its memory limit ended
//
// Commands and requests:
//
//   - shell.go: commands in a container or on another machine
//   - exec.go: how a command runs in a container
//   - file.go, mount.go: files and mounts in a container
//   - curl.go: HTTP requests from a Shell
//   - answer.go, answers.go: the answer to one request, and to many
//   - neighbours.go: which node announces an address
//
// The API server and its objects:
//
//   - apiserver.go: requests as another user, and through the API server
//   - server.go: the API server's answers
//   - stored.go: what the API server would store of an object
//   - token.go: tokens, and whom they authenticate
//   - service.go, endpoints.go: Services and their endpoints
//   - volume.go: PersistentVolumeClaims and PersistentVolumes
package probe

// Package probe holds read-only observations of a cluster: what the API server says, and what is seen from inside a
// container. A look distinguishes "the answer was no", which is a value, from "the look could not be had", which is an
// error.
//
//	look.go          what a look is, and New, which makes one; describe.go how the record says what it saw
//	pods.go          Pods as they are listed; problem.go why one is not ready; maincontainer.go what it is about
//	containers.go    what their containers show; resources.go what these may use
//	shell.go         commands in a container or on another machine; exec.go in a container; file.go and mount.go what is there
//	curl.go          requests from there; answer.go one answer, answers.go many; neighbours.go who announces an address
//	cgroup.go        the processor time and memory of a container; memoryfate.go how one fared at its memory limit
//	freememory.go    how much memory of a node is not requested
//	apiserver.go     requests as another user, and through the API server; server.go what that answers; token.go who a token is
//	service.go       Services; endpoints.go where they lead; volume.go claims and volumes; table.go several looks in one
package probe

// Package breaks disturbs a kind cluster of our own and makes it whole again. A break takes one mechanism of Kubernetes
// away, such as a controller or a rule of the scheduler; a fault troubles the cluster for a while, such as an API server
// that does not answer. Scenarios run on a disturbed cluster to prove that they notice a broken mechanism and say nothing
// false in times of trouble. The package knows mechanisms only, and no scenario.
//
// Each file holds one place in which a cluster can be disturbed:
//
//	disturbance.go  Disturbance and what it needs of a cluster; later.go delays one
//	await.go        waits, and the names of all deadlines; whole.go decides whether a cluster is whole
//	controllers.go, controlplane.go, scheduler.go   flags of static Pods, by staticpod.go and manifest.go
//	kubelet.go, proxy.go, rules.go, route.go        what runs on each node
//	admission.go, podpolicies.go, servicepolicies.go, defaults.go   what the API server makes of objects
//	balancer.go     MetalLB without addresses
//	outage.go, dns.go, image.go, node.go, fill.go, load.go   faults, partly by systemd units of unit.go
//	process.go, namespace.go                                 what several of them need
package breaks

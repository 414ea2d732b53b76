// Package breaks disturbs a kind cluster that noteproof created, and makes it whole again. A break disables one mechanism of
// Kubernetes, such as a controller or a rule of the scheduler. A fault disturbs the cluster for a while, such as an API server
// that does not answer. Scenarios run on a disturbed cluster to prove that they notice a broken mechanism, and that they give no
// wrong answer during a fault. The package contains only mechanisms, and nothing about scenarios.
//
//   - disturbance.go: Disturbance, what it needs of a cluster, and how its steps are undone
//   - later.go: delays a disturbance
//   - await.go: waiting, and its deadlines
//   - whole.go: whether a cluster is whole
//
// The control plane:
//
//   - controllers.go, controlplane.go, scheduler.go: disabled controllers, changed flags, disabled scheduler plugins
//   - staticpod.go, manifest.go: static Pods and their manifests
//
// The nodes:
//
//   - kubelet.go: the kubelet's configuration
//   - proxy.go, rules.go: kube-proxy and its rules
//   - route.go: routes between nodes
//
// Objects:
//
//   - admission.go: admission policies
//   - podpolicies.go, servicepolicies.go: policies that change Pods and Services
//   - defaults.go: the default StorageClass
//   - balancer.go: MetalLB without addresses
//
// Faults:
//
//   - outage.go: components of the control plane that fail
//   - dns.go: cluster DNS
//   - image.go: missing images
//   - node.go, fill.go: workers
//   - load.go: a busy machine
//
// Used by several of them:
//
//   - unit.go: systemd units on a node
//   - process.go: processes on a node
//   - namespace.go: namespaces
package breaks

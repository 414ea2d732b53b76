// Package lab runs a suite: it acquires a cluster, finds out what the cluster can do, runs the scenarios on it, keeps the
// record, writes the reports, and releases the cluster. A test package has one lab.
//
// The run:
//
//   - lab.go: Lab and Main
//   - order.go: Run, which scenarios run and in which order
//   - setup.go: what happens before the first scenario: the cluster is acquired and the record begins
//   - prove.go: one scenario on the cluster
//   - finish.go: what happens after the last scenario: the cluster is released, the reports are written
//   - interruption.go: what ends a run early, and how long it may then clean up
//   - secrets.go: sees that no secret stands in what the run wrote
//   - entry.go: a claim's entry in the record, and the message of a failed claim
//   - options.go, settings.go: Options, and the environment variables
//   - listing.go, nearest.go: the flags that describe the suite and run nothing
//
// The cluster:
//
//   - acquire.go: creates or adopts a cluster
//   - variant.go: the variant of the cluster that is asked for
//   - abilities.go, layertwo.go: what the cluster can do, and so which claims are not run
//   - survey.go: what an existing cluster and the account allow, found out before the first claim
//   - balancer.go: the load balancer plugin
//   - outside.go: the machine outside the cluster
//   - residue.go: what a run leaves behind, and what dead runs have left
//   - disturb.go: disturbs the cluster on purpose
//
// The cluster's health while scenarios run:
//
//   - monitor.go: the API server and the nodes
//   - leaders.go: the leaders of the control plane
//   - parts.go: DNS, kube-proxy, the CNI and the load balancer plugin
//   - cpuload.go: the number of runnable threads
package lab

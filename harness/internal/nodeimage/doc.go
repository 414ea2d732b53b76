// Package nodeimage provides a kind node image for a Kubernetes version: one that is present, else kind's published
// one, else one built here of nothing but Go modules and Debian packages.
//
// A built image is a drop-in for plain kind. It carries its Pod network (see podroutes) and its storage
// (local-path-provisioner), so that no node ever asks a registry for anything.
//
//	source.go      Node: present, published, or built; Workload; Prune
//	build.go       the steps of a build, like a table of contents
//	version.go     which version is meant, and how old versions differ; lookup.go finds the newest patches
//	parts.go       what an image is made of, with its pinned versions
//	rootfs.go      Debian root file systems
//	gobuild.go     programs from Go modules; gomod.go makes the go.mod that builds them
//	images.go      the images that run in the cluster
//	store.go       containerd's store with these images in it
//	node.go        kind's files and ours, and the node image made of all
//	cache.go       a step's output is kept under a hash of its inputs; prune.go frees the disk; layer.go writes layers
//
// Every Go module is verified against go.sum or the checksum database, every Debian package by apt.
package nodeimage

// Package nodeimage provides a kind node image for a Kubernetes version: one that the container engine has, else kind's
// published one, else one that is built here from Go modules and Debian packages only.
//
// Plain kind can use a built image without any change. The image contains its Pod network (see podroutes) and its storage
// (local-path-provisioner), so that nodes pull nothing from a registry.
//
//	source.go        Node: finds, pulls or builds a node image; Workload: the image that scenarios run
//	registry.go      pulls images from registries
//	certs.go         the certificates with which registries are reached
//	own.go           a node image that the user names
//	archive.go       reads archives of images
//	bundle.go        saves all that versions need in one file; unbundle.go loads it
//	version.go       resolves version numbers; lists how old versions differ
//	lookup.go        finds the newest available patches; goproxy.go asks module proxies whether they serve a source
//	build.go         the steps of a build, in order
//	builders.go      the programs that a build needs, and what to do if they are missing
//	parts.go         the parts of an image, with pinned versions
//	rootfs.go        Debian root file systems
//	gobuild.go       builds programs from Go modules
//	gomod.go         derives the go.mod that builds a module's programs
//	generate.go      generates a file that old Kubernetes modules lack
//	tempdir.go       temporary folders outside of the cache
//	command.go       runs the programs of a build
//	images.go        the container images that run in the cluster
//	workload.go      the image that scenarios run, of Go programs only (see tools)
//	store.go         a containerd store that holds these images
//	node.go          the node's files, and the node image
//	layer.go         writes image layers
//	loadbalancer.go  images and manifests of MetalLB
//	cache.go         caches the output of each step under a hash of its inputs
//	elf.go           checks the architecture of all programs in an image that this machine cannot run
//	estimate.go      estimates how long the steps of a build take
//	prune.go         frees disk space
//
// Every Go module is verified against go.sum or the checksum database, every Debian package by apt.
package nodeimage

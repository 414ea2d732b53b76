// Package manifests holds the YAML of the claims, <topic>/<slug>.yaml each. A manifest carries no namespace, says
// "agnhost" for the workload image and "worker-1" for the first worker; the stage puts in what the cluster calls them.
package manifests

import "embed"

// FS holds all manifests.
//
//go:embed */*.yaml
var FS embed.FS

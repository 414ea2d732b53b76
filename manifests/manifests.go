// Package manifests holds the YAML of the claims, <topic>/<slug>.yaml each. A manifest carries no namespace, says
// "agnhost" for the workload image and "worker-1" for the first worker, "node-folder" for the path of a folder on the
// nodes and "own-name" for a name that no other run uses; the stage puts in what they are called.
package manifests

import "embed"

// FS holds all manifests.
//
//go:embed */*.yaml
var FS embed.FS

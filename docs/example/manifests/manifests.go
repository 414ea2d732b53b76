// Package manifests holds the YAML of the claims, <topic>/<slug>.yaml each.
package manifests

import "embed"

// FS holds all manifests.
//
//go:embed */*.yaml
var FS embed.FS

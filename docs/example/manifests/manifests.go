// Package manifests embeds the manifests of the claims, <topic>/<slug>.yaml.
package manifests

import "embed"

// FS contains all manifests.
//
//go:embed */*.yaml
var FS embed.FS

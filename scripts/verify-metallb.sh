#!/usr/bin/env bash
# Checks that the embedded manifests of MetalLB are those of its module, in the version whose images are used.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^\tmetallbVersion = "\(.*\)"$/\1/p' harness/internal/nodeimage/loadbalancer.go)
folder=$(cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT && go mod download -json "go.universe.tf/metallb@$version" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
diff "$folder/config/manifests/metallb-native.yaml" harness/internal/nodeimage/metallb/native.yaml && exit 0
echo "harness/internal/nodeimage/metallb/native.yaml (>) is not that of MetalLB $version (<): copy it."
exit 1

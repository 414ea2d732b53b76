#!/usr/bin/env bash
# Checks that noteproof compiles and passes go vet on the other systems where it runs: all of it on macOS, and what is made for Linux
# only on arm64.
set -euo pipefail
cd "$(dirname "$0")/.."

export CGO_ENABLED=0
GOOS=darwin GOARCH=arm64 go vet ./... || { echo "This is what go vet finds on macOS."; exit 1; }
GOOS=linux GOARCH=arm64 go vet ./harness/internal/nodeimage/tools || { echo "This is what go vet finds on arm64."; exit 1; }

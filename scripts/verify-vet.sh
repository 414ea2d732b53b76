#!/usr/bin/env bash
# go vet finds nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
exec go vet ./...

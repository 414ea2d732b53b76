#!/usr/bin/env bash
# staticcheck finds nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
exec go tool -modfile=scripts/tools/go.mod staticcheck ./...

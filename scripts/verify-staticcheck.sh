#!/usr/bin/env bash
# Checks that staticcheck finds nothing in our module and in the example's.
set -euo pipefail
cd "$(dirname "$0")/.."
go tool -modfile=scripts/tools/go.mod staticcheck ./...
cd docs/example
go tool -modfile=../../scripts/tools/go.mod staticcheck ./...

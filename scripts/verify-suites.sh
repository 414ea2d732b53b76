#!/usr/bin/env bash
# Checks the suites as far as possible without a cluster, including the catalogue of the claims.
set -euo pipefail
cd "$(dirname "$0")/.."

go run ./harness/cmd/noteproof check
cd docs/example
go tool noteproof check

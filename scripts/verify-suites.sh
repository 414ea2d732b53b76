#!/usr/bin/env bash
# All that can be checked of the suites without a cluster, the catalogue of the claims included.
set -euo pipefail
cd "$(dirname "$0")/.."

go run ./harness/cmd/noteproof check
cd docs/example
go tool noteproof check

#!/usr/bin/env bash
# Checks that go vet finds nothing in our module and in the example's.
set -euo pipefail
cd "$(dirname "$0")/.."
go vet ./...
cd docs/example
go vet ./...

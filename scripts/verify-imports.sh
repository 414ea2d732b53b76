#!/usr/bin/env bash
# The packages of harness/ import one another in one direction only; harness/imports_test.go holds the table.
set -euo pipefail
cd "$(dirname "$0")/.."
exec go test ./harness -run Imports

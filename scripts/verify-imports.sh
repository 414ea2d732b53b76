#!/usr/bin/env bash
# The rooms of harness/ import one another in one direction only; harness/doors_test.go holds the table.
set -euo pipefail
cd "$(dirname "$0")/.."
exec go test ./harness -run Doors

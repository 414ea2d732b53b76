#!/usr/bin/env bash
# Checks that the packages of harness/ import each other in one direction only, as harness/imports_test.go lists.
set -euo pipefail
cd "$(dirname "$0")/.."
exec go test ./harness -run Imports

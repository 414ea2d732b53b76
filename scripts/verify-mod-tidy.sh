#!/usr/bin/env bash
# Checks that every go.mod and go.sum is tidy.
set -euo pipefail
cd "$(dirname "$0")/.."

status=0
while IFS= read -r mod; do
  (cd "$(dirname "$mod")" && go mod tidy -diff) || { status=1; echo "go mod tidy in $(dirname "$mod") fixes it."; }
done < <(find . -path ./out -prune -o -path ./.git -prune -o -name testdata -prune -o -name go.mod -print)
exit $status

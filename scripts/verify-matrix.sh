#!/usr/bin/env bash
# The table of the committed matrix must say what its records say, and each record must be one that reports are made of.
set -euo pipefail
cd "$(dirname "$0")/.."

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
cp -r docs/matrix "$made"
go run ./harness/cmd/noteproof report --notes scenarios/lecture.ko.txt --over "$made/matrix" \
  "$made"/matrix/*/verdicts.json > /dev/null
if ! diff -u docs/matrix/README.md "$made/matrix/verdicts.md"; then
  echo "docs/matrix/README.md is not what the records make: run make page and commit it" >&2
  exit 1
fi

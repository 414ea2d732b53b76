#!/usr/bin/env bash
# Checks that the table of the committed matrix agrees with its records, and that all records can be rendered.
set -euo pipefail
cd "$(dirname "$0")/.."

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
cp -r docs/matrix "$made"
go run ./harness/cmd/noteproof report --notes scenarios/lecture.ko.txt --over "$made/matrix" \
  "$made"/matrix/*/verdicts.json > /dev/null
if ! diff -u docs/matrix/README.md "$made/matrix/verdicts.md"; then
  echo "docs/matrix/README.md does not agree with the records: run make page and commit it" >&2
  exit 1
fi

#!/usr/bin/env bash
# Checks that every Go file is formatted.
set -euo pipefail
cd "$(dirname "$0")/.."

files=$(find . -path ./out -prune -o -path ./.git -prune -o -name '*.go' -print0 | xargs -0 -r gofmt -l)
[ -z "$files" ] && exit 0
printf 'Not formatted; gofmt -w fixes it:\n%s\n' "$files"
exit 1

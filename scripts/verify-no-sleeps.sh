#!/usr/bin/env bash
# No Go file and no script sleeps: what is awaited is looked for, with a deadline that has a name.
set -euo pipefail
cd "$(dirname "$0")/.."

found=$(find . -path ./out -prune -o -path ./.git -prune -o -name '*.go' -print0 | xargs -0 -r grep -nE '\btime\.(Sleep|After)\(' || true)
found+=$(grep -nE '(^|[;&|({] *)sleep +[0-9$]' scripts/*.sh Makefile || true)
[ -z "$found" ] && exit 0
printf 'Sleeps; Eventually awaits, Consistently watches, a ticker beats:\n%s\n' "$found"
exit 1

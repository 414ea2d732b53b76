#!/usr/bin/env bash
# Checks that no Go file and no script sleeps: code polls for a condition, with a named deadline.
set -euo pipefail
cd "$(dirname "$0")/.."

found=$(find . -path ./out -prune -o -path ./.git -prune -o -name '*.go' -print0 | xargs -0 -r grep -nE '\btime\.(Sleep|After)\(' || true)
found+=$(grep -nE '(^|[;&|({] *)sleep +[0-9$]' scripts/*.sh Makefile || true)
[ -z "$found" ] && exit 0
printf 'These sleep; use Eventually, Consistently or a ticker instead:\n%s\n' "$found"
exit 1

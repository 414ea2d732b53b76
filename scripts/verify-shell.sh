#!/usr/bin/env bash
# Checks that every script parses and is executable, and passes shellcheck if that is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

status=0
for script in scripts/*.sh .ci/run; do
  bash -n "$script" || status=1
  [ -x "$script" ] || { echo "$script: chmod +x fixes it."; status=1; }
done
if command -v shellcheck >/dev/null; then
  shellcheck scripts/*.sh .ci/run || status=1
fi
exit $status

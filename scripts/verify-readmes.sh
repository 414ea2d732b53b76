#!/usr/bin/env bash
# Checks that README.ko.md lists the same variables as README.md, and that the Makefile has all targets that both name.
set -euo pipefail
cd "$(dirname "$0")/.."

status=0
variables() { awk -F '[|`]' '/^\| `[A-Z0-9_]+`/ {print $3}' "$1"; }
if ! diff <(variables README.md) <(variables README.ko.md); then
  echo "README.md (<) and README.ko.md (>) list different variables."
  status=1
fi
for readme in README.md README.ko.md; do
  while read -r target; do
    grep -q "^$target:" Makefile || { echo "$readme names make $target, which the Makefile does not have."; status=1; }
  done < <(grep -oE '([`]|    )make [a-z-]+' "$readme" | awk '{print $NF}' | sort -u)
done
exit $status

#!/usr/bin/env bash
# Runs every fuzz test, one after another, each for a time such as 30s: fuzz.sh [TIME [PACKAGE…]]. An input that fails is kept in the
# folder testdata/fuzz of its package, where go test runs it from then on.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:-30s}
packages=("${@:2}")
if [ "${#packages[@]}" -eq 0 ]; then
  found=$(go list ./harness/... ./scripts/...)
  while read -r package; do packages+=("$package"); done <<<"$found"
fi
tests=$(go test -json -list '^Fuzz' "${packages[@]}" | sed -n 's/.*"Package":"\([^"]*\)".*"Output":"\(Fuzz[A-Za-z0-9_]*\)\\n".*/\1 \2/p')
failed=""
while read -r package test; do
  echo "=== $test in $package"
  go test "$package" -run '^$' -fuzz "^$test\$" -fuzztime "$time" -parallel 2 </dev/null || failed="$failed $test"
done <<<"$tests"
[ -z "$failed" ] || { echo "These fuzz tests found something:$failed"; exit 1; }

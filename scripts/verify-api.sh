#!/usr/bin/env bash
# Checks that the public packages are compatible with the last release, a tag such as v1.2.3. Before v1.0.0 a new minor version
# may break them, so incompatible changes are listed but do not fail.
set -euo pipefail
cd "$(dirname "$0")/.."

public=(claim suite scenario probe match notes evidence lab breaks)

last=$(git describe --tags --abbrev=0 --match 'v[0-9]*' HEAD^ 2>/dev/null || true) # not the release that this commit is
if [ -z "$last" ]; then
  echo "There is no release with which the API can be compared."
  exit 0
fi
work=$(mktemp -d)
trap 'git worktree remove --force "$work/last"; rm -rf "$work"' EXIT
git worktree add --quiet --detach "$work/last" "$last"
go build -modfile=scripts/tools/go.mod -o "$work/apidiff" golang.org/x/exp/cmd/apidiff
module=$(go list -m)
broken=
for package in "${public[@]}"; do
  [ -d "$work/last/harness/$package" ] || continue
  (cd "$work/last" && "$work/apidiff" -w "$work/$package" "$module/harness/$package")
  changes=$("$work/apidiff" -incompatible "$work/$package" "$module/harness/$package")
  [ -z "$changes" ] && continue
  printf 'harness/%s since %s:\n%s\n' "$package" "$last" "$changes"
  broken=yes
done
[ -z "$broken" ] || [[ $last == v0.* ]]

#!/usr/bin/env bash
# Runs every scripts/verify-*.sh and then reports all failures.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

stages=()
for script in scripts/verify-*.sh; do
  [ "$script" = scripts/verify-all.sh ] && continue
  name=${script#scripts/verify-}
  stages+=("${name%.sh}" "$script")
done
exec scripts/stages.sh "${stages[@]}"

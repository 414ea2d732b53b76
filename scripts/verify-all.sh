#!/usr/bin/env bash
# Runs every scripts/verify-*.sh and then reports all failures. govulncheck is not among them: vuln.go.dev is not reached from machines
# that have a module proxy alone. Of the reports in the module golang.org/x/vulndb a database can be made, but it is untried whether the
# analysis of all that client-go and kind bring along is quick enough for every run.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

stages=()
for script in scripts/verify-*.sh; do
  [ "$script" = scripts/verify-all.sh ] && continue
  name=${script#scripts/verify-}
  stages+=("${name%.sh}" "$script")
done
exec scripts/stages.sh "${stages[@]}"

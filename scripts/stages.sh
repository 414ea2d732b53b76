#!/usr/bin/env bash
# Runs several commands one after another, all of them, and reports the failures together at the end.
#   stages.sh NAME COMMAND [NAME COMMAND]…
# If nothing failed, the last line of output is that of the last command.
set -uo pipefail
set -m # a process group for each command, so that an interruption reaches all of it
job=
trap 'kill -TERM -- "-$job" 2>/dev/null; wait "$job"; exit 130' INT TERM HUP # run no further stages after an interruption

failed=()
while [ $# -ge 2 ]; do
  name=$1 command=$2
  shift 2
  began=$SECONDS
  printf '\n=== %s  %s\n' "$(date +%H:%M:%S)" "$name"
  bash -c "$command" </dev/null &
  job=$!
  wait "$job"
  status=$?
  if [ "$status" -ne 0 ]; then
    failed+=("$name (exit status $status, $((SECONDS - began)) s): $command")
    printf '=== %s  FAILED: %s (%d s)\n' "$(date +%H:%M:%S)" "$name" $((SECONDS - began))
  fi
done

[ ${#failed[@]} -eq 0 ] && exit 0
printf '\n=== %s  failed:\n' "$(date +%H:%M:%S)"
printf '  %s\n' "${failed[@]}"
exit 1

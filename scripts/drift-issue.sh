#!/usr/bin/env bash
# Maintains one issue about drift with the gh command: opens it, updates it, and closes it when nothing drifts.
#   drift-issue.sh DRIFT.MD UNSETTLED.TXT
# DRIFT.MD is the output of noteproof report --drift; it is empty when nothing drifted. UNSETTLED.TXT lists the versions without
# a result, one per line; while there is one, the issue is not closed. RUN_URL is the URL of the current run.
set -euo pipefail

drift=$1
unsettled=$2
run=${RUN_URL:-a run of the nightly workflow}
label=drift
title="The notes and a real cluster disagree"

body() {
  cat "$drift"
  printf '\nFound by %s.\n' "$run"
}

# headings prints the headings of a body. The evidence below them differs every night.
headings() { tr -d '\r' | grep '^## ' || true; }

number=$(gh issue list --label "$label" --app github-actions --state open --limit 1 --json number --jq '.[].number')

if [ -s "$drift" ]; then
  if [ -z "$number" ]; then
    gh label create "$label" --force --color d93f0b --description "A verdict is other than expected, or than it was" >/dev/null
    body | gh issue create --title "$title" --label "$label" --body-file -
    exit
  fi
  before=$(gh issue view "$number" --json body --jq .body | headings)
  body | gh issue edit "$number" --body-file - >/dev/null
  if [ "$before" = "$(body | headings)" ]; then
    echo "The drift in issue $number has not changed."
  else
    gh issue comment "$number" --body "The drift has changed; the description is from $run."
  fi
elif [ -z "$number" ]; then
  echo "Nothing drifts."
elif [ -s "$unsettled" ]; then
  echo "Issue $number stays open, because these versions have no result:"
  cat "$unsettled"
else
  gh issue close "$number" --comment "Nothing drifts on any version: $run."
fi

#!/usr/bin/env bash
# Keeps one issue about drift, by the gh command: opens it, brings it up to date, and closes it when nothing drifts any more.
#   drift-issue.sh DRIFT.MD UNSETTLED.TXT
# DRIFT.MD is what noteproof report --drift wrote; it is empty when nothing drifted. UNSETTLED.TXT names the versions of
# which tonight nothing is known, a line each; while there is one, no issue is closed. RUN_URL is the run that found it out.
set -euo pipefail

drift=$1
unsettled=$2
run=${RUN_URL:-a run of the nightly workflow}
label=drift
title="The notes and a real cluster disagree"

body() {
  cat "$drift"
  printf '\nFound out by %s.\n' "$run"
}

# gist is the headings of a body: what stands below them, the evidence, is another every night.
gist() { tr -d '\r' | grep '^## ' || true; }

number=$(gh issue list --label "$label" --app github-actions --state open --limit 1 --json number --jq '.[].number')

if [ -s "$drift" ]; then
  if [ -z "$number" ]; then
    gh label create "$label" --force --color d93f0b --description "A verdict is other than expected, or than it was" >/dev/null
    body | gh issue create --title "$title" --label "$label" --body-file -
    exit
  fi
  before=$(gh issue view "$number" --json body --jq .body | gist)
  body | gh issue edit "$number" --body-file - >/dev/null
  if [ "$before" = "$(body | gist)" ]; then
    echo "Issue $number says so already."
  else
    gh issue comment "$number" --body "What drifts has changed; the text above is of $run."
  fi
elif [ -z "$number" ]; then
  echo "Nothing drifts."
elif [ -s "$unsettled" ]; then
  echo "Issue $number stays open, for this is not known:"
  cat "$unsettled"
else
  gh issue close "$number" --comment "Nothing drifts any more, on any version: $run."
fi

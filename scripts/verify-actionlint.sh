#!/usr/bin/env bash
# Checks that the workflows are valid, and that every action in them and in our own actions is pinned by a full commit digest.
set -euo pipefail
cd "$(dirname "$0")/.."

go tool -modfile=scripts/tools/go.mod actionlint .github/workflows/*.y*ml
if grep -nE '^[^#]*uses:' .github/workflows/*.y*ml .github/actions/*/action.yml | grep -vE 'uses: +(\./|[^ @]+@[0-9a-f]{40}( |$))'; then
  echo "These actions are not pinned by a full commit digest."
  exit 1
fi

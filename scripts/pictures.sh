#!/usr/bin/env bash
# Takes the pictures of the READMEs, docs/report-wide.png and docs/report-phone.png, of the page of the committed matrix, which
# make page makes. It needs Chromium and a Korean font.
set -euo pipefail
cd "$(dirname "$0")/.."

page=out/docs/matrix/index.html
[ -s "$page" ] || { echo "There is no page yet: make page" >&2; exit 1; }
if [ -z "$(fc-list :lang=ko)" ]; then
  echo "There is no Korean font, so the notes would be shown as boxes: sudo apt-get install fonts-nanum" >&2
  exit 1
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
NOTEPROOF_PAGE=$PWD/$page NOTEPROOF_PICTURES=$folder go test ./harness/internal/report/browsertest -run 'TestPictures$' -count=1
for picture in report-wide report-phone; do
  [ -s "$folder/$picture.png" ] || { echo "The picture $picture.png was not taken: is there a browser?" >&2; exit 1; }
  cp "$folder/$picture.png" docs/
  echo "docs/$picture.png"
done

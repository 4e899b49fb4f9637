#!/usr/bin/env bash
# Takes the screenshots under docs/screenshots again. Each scene that has one is
# taken in all its sizes, into artefacts/screenshots; those of the same name as
# one in docs/ replace it. To choose another picture, copy it there once.
set -euo pipefail
cd "$(dirname "$0")/.."

chosen=(docs/screenshots/*.png)
scenes=()
for picture in "${chosen[@]}"; do
  scene=$(basename "$picture")
  scenes+=("${scene%%-*}") # not_member-1080x1920-light-en.png
done
mapfile -t scenes < <(printf '%s\n' "${scenes[@]}" | sort -u)

build/npm.sh
CHROMIUM=$(build/chromium.sh)
export CHROMIUM
rm -rf artefacts/screenshots
(cd frontend && npm run --silent shots -- ../artefacts/screenshots "${scenes[@]}")
for picture in "${chosen[@]}"; do
  cp "artefacts/screenshots/$(basename "$picture")" "$picture"
done
echo "shots: ${#chosen[@]} pictures in docs/screenshots; all sizes of their scenes in artefacts/screenshots"

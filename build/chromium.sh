#!/usr/bin/env bash
# Prints the path of a Chromium or Chrome that tests can drive: the one that
# CHROMIUM names, or the first on the path. Snaps are passed over, because they
# see nothing of /tmp, where the profiles of tests are; what Ubuntu calls its
# package chromium is only a way to one.
set -euo pipefail

drivable() { local said; said=$("$1" --version 2>/dev/null) && [[ $said != *snap* ]]; }

if [ -n "${CHROMIUM:-}" ]; then
  drivable "$CHROMIUM" || { echo "chromium: CHROMIUM names no browser that starts, or a snap: $CHROMIUM" >&2; exit 1; }
  echo "$CHROMIUM"
  exit
fi
for name in chromium google-chrome google-chrome-stable chromium-browser; do
  if path=$(command -v "$name") && drivable "$path"; then
    echo "$path"
    exit
  fi
done
echo "chromium: there is none that tests can drive; set CHROMIUM=/path/to/one" >&2
exit 1

#!/usr/bin/env bash
# «dingpass demo» on this machine's screen; without one, under Xvfb with a
# scripted phone that reads the QR off the picture, as a phone does.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  exec bin/dingpass demo "$@"
fi

echo "demo: there is no display; running under Xvfb with a scripted phone"
mkdir -p artefacts
work=$(mktemp -d)
cleanup() {
  for pid in "${demo:-}" "${screen:-}"; do
    [ -n "$pid" ] && kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
  done
  rm -rf "$work"
}
trap cleanup EXIT

Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp -noreset 3>"$work/display" 2>"$work/xvfb.log" &
screen=$!
until [ -s "$work/display" ]; do
  kill -0 "$screen" # or there will never be one
  sleep 0.1
done
DISPLAY=:$(cat "$work/display")
export DISPLAY DINGPASS_DATA_DIR="$work/data" DINGPASS_LANGUAGE=${DINGPASS_LANGUAGE:-zh-CN}

bin/dingpass demo "$@" &
demo=$!

picture() { import -window root "$1"; }

for _ in $(seq 100); do
  kill -0 "$demo"
  picture artefacts/demo-qr.png
  code=$(zbarimg --quiet --raw -Sdisable -Sqrcode.enable artefacts/demo-qr.png 2>/dev/null | head -n 1) && [ -n "$code" ] && break
done
[ -n "${code:-}" ] || { echo "demo: no QR code appeared; see artefacts/demo-qr.png" >&2; exit 1; }
echo "demo: the phone scans $code"
curl -fsS -o /dev/null "$code"
curl -fsS -o /dev/null -H 'Accept: application/json' -d userid=zhang01 -d action=confirm "$code"

for _ in $(seq 100); do
  identity=$(bin/dingpass whoami --json --data-dir "$work/data/demo" --key-source "file:$work/data/demo.key" 2>&1) && break
  sleep 0.1
done
case $identity in
  *'"verdict":"allow"'*) ;;
  *) echo "demo: nobody was signed in: $identity" >&2; exit 1 ;;
esac
sleep 1 # the view fades in
picture artefacts/demo-signed-in.png
echo "demo: signed in"
echo "$identity"
echo "demo: the window before and after: $PWD/artefacts/demo-qr.png $PWD/artefacts/demo-signed-in.png"

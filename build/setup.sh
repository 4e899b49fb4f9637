#!/usr/bin/env bash
# Installs what «make demo» or «make test» needs and this machine lacks, and
# says so. Debian and Ubuntu only; elsewhere it says what to install.
#   build/setup.sh demo|test
set -euo pipefail
cd "$(dirname "$0")/.."

what=${1:?demo or test}

# command or file that shows that it is there → package
needs=(
  "pkg:gtk+-3.0=libgtk-3-dev"
  "pkg:webkit2gtk-4.1=libwebkit2gtk-4.1-dev"
  "cmd:gcc=gcc"
  "cmd:pkg-config=pkg-config"
  "font:Noto Sans CJK SC=fonts-noto-cjk"
)
# Without a display the window runs under Xvfb, and a script plays the phone.
headless=("cmd:Xvfb=xvfb" "cmd:xauth=xauth" "cmd:zbarimg=zbar-tools" "cmd:import=imagemagick" "cmd:curl=curl")
browser=("cmd:chromium=chromium" "cmd:xdotool=xdotool" "cmd:ip=iproute2")

if [ "$what" = test ]; then
  needs+=("${headless[@]}" "${browser[@]}")
elif [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  needs+=("${headless[@]}")
fi

has() {
  case $1 in
    cmd:*) command -v "${1#cmd:}" >/dev/null ;;
    pkg:*) command -v pkg-config >/dev/null && pkg-config --exists "${1#pkg:}" ;;
    font:*) command -v fc-list >/dev/null && fc-list | grep -q "${1#font:}" ;;
  esac
}

for tool in go node npm; do
  if ! command -v "$tool" >/dev/null; then
    echo "setup: $tool is needed and is not installed: Go 1.26 or later, Node 20.19 or later" >&2
    exit 1
  fi
done

missing=()
for need in "${needs[@]}"; do
  has "${need%%=*}" || missing+=("${need##*=}")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "setup: please install what your system calls these, then try again: ${missing[*]}" >&2
  exit 1
fi
root=()
if [ "$(id -u)" -ne 0 ]; then
  root=(sudo)
fi
echo "setup: installing ${missing[*]}"
"${root[@]}" apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null

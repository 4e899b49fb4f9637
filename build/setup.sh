#!/usr/bin/env bash
# Installs what «make demo» or «make test» needs and this machine lacks, and
# says so. Debian and Ubuntu only; elsewhere it says what to install.
#   build/setup.sh demo|test
set -euo pipefail
cd "$(dirname "$0")/.."

what=${1:?demo or test}

stop() { echo "setup: $*" >&2; exit 1; }

# at_least WANTED FOUND: of versions, the smaller one sorts first.
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# Go and Node are not installed from here: a distribution's are mostly too old,
# and where to have others from is the owner's choice.
go_wanted=$(awk '$1 == "go" { print $2 }' go.mod)
node_wanted=$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' frontend/package.json)
for tool in go node npm; do
  command -v "$tool" >/dev/null || stop "$tool is needed and is not installed: Go $go_wanted or later, Node $node_wanted or later"
done
# In this folder Go takes go.mod's version where it can fetch it. Outside, and
# told to stay what it is, it always answers.
go_found=$(go env GOVERSION 2>/dev/null || (cd / && GOTOOLCHAIN=local go env GOVERSION))
go_found=$(grep -o '[0-9][0-9.]*' <<<"$go_found" | head -n 1)
at_least "$go_wanted" "$go_found" || stop "Go $go_wanted or later is needed; $(command -v go) is $go_found: see https://go.dev/dl/"
node_found=$(node --version)
at_least "$node_wanted" "${node_found#v}" || stop "Node $node_wanted or later is needed; $(command -v node) is ${node_found#v}: see https://nodejs.org/"

[ "$(uname -s)" = Linux ] || stop "the window is set up on Linux alone; elsewhere «make core» builds the program, and «bin/dingpass demo» uses the system's browser"

# what shows that it is there = the package that brings it
needs=(
  "pkg:gtk+-3.0=libgtk-3-dev"
  "pkg:webkit2gtk-4.1=libwebkit2gtk-4.1-dev"
  "cmd:gcc=gcc"
  "cmd:pkg-config=pkg-config"
  "font:Noto Sans CJK SC=fonts-noto-cjk"
)
# Without a display the window runs under Xvfb, and a script plays the phone.
headless=("cmd:Xvfb=xvfb" "cmd:xauth=xauth" "cmd:zbarimg=zbar-tools" "cmd:import=imagemagick" "cmd:curl=curl")
browser=("run:build/chromium.sh=chromium" "cmd:xdotool=xdotool" "cmd:ip=iproute2")

if [ "$what" = test ]; then
  needs+=("${headless[@]}" "${browser[@]}")
elif [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  needs+=("${headless[@]}")
fi

has() {
  case $1 in
    cmd:*) command -v "${1#cmd:}" >/dev/null ;;
    run:*) "${1#run:}" >/dev/null 2>&1 ;;
    pkg:*) command -v pkg-config >/dev/null && pkg-config --exists "${1#pkg:}" ;;
    font:*) command -v fc-list >/dev/null && [ -n "$(fc-list "${1#font:}")" ] ;;
  esac
}

# lacking sets missing to the packages of all needs that are not met.
lacking() {
  missing=()
  for need in "${needs[@]}"; do
    has "${need%%=*}" || missing+=("${need##*=}")
  done
}

lacking
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null ||
  stop "this system has no apt-get. Please install what it calls these, then try again: ${missing[*]}"
root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || stop "there is no sudo. Please have root install these, then try again: ${missing[*]}"
  root=(sudo)
fi
"${root[@]}" apt-get update -qq

# Ubuntu's chromium is a package that brings a snap, which build/chromium.sh
# passes over.
if [[ " ${missing[*]} " == *" chromium "* ]]; then
  candidate=$(apt-cache policy chromium | awk '$1 == "Candidate:" { print $2 }')
  case $candidate in
    "" | "(none)" | *snap*)
      stop "apt has no Chromium here that tests can drive. Please install Google Chrome or another Chromium that is no snap" \
        "(google-chrome, chromium and chromium-browser are found by themselves), or set CHROMIUM=/path/to/it; then try again" ;;
  esac
fi

echo "setup: installing ${missing[*]}"
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
lacking
[ ${#missing[@]} -eq 0 ] || stop "still missing after their installation: ${missing[*]}"

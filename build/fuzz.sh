#!/usr/bin/env bash
# Runs every fuzz target of the module, one after the other, each for FUZZTIME
# (20s). An input that fails is kept under testdata/fuzz of its package, where
# every later «go test» tries it again: commit it with the mend.
set -euo pipefail
cd "$(dirname "$0")/.."

# «go test -list» prints a package's targets and then its name.
targets=$(go test -list '^Fuzz' ./... | awk '
  /^Fuzz/ { names[++n] = $1 }
  /^FAIL/ { print > "/dev/stderr" }
  /^ok/   { for (i = 1; i <= n; i++) print $2, names[i]; n = 0 }')
[ -n "$targets" ] || { echo "fuzz: there are no targets" >&2; exit 1; }

failed=()
while read -r package name; do
  echo "fuzz: $name of $package"
  go test -run '^$' -fuzz "^$name\$" -fuzztime "${FUZZTIME:-20s}" "$package" </dev/null || failed+=("$package.$name")
done <<<"$targets"
[ ${#failed[@]} -eq 0 ] || { echo "fuzz: failed: ${failed[*]}" >&2; exit 1; }

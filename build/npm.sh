#!/usr/bin/env bash
# Installs the interface's build tools as the lock file says, once for each
# lock file.
set -euo pipefail
cd "$(dirname "$0")/../frontend"
stamp=node_modules/.installed
if ! cmp -s package-lock.json "$stamp"; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  cp package-lock.json "$stamp"
fi

#!/usr/bin/env bash
# Prints the path of a Chromium or Chrome. Where there is none, it installs Debian's package. CHROMIUM names another one.
set -euo pipefail
cd "$(dirname "$0")/../.."
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
  if [ -n "$name" ] && command -v "$name"; then exit 0; fi
done
.ci/install/debian-packages.sh chromium
command -v chromium

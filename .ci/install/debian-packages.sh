#!/usr/bin/env bash
# Installs packages on Debian and Ubuntu if one of them is missing. Needs root, or sudo without a password.
#
# Usage: debian-packages.sh PACKAGE…
set -euo pipefail
if dpkg -s "$@" >/dev/null 2>&1; then exit 0; fi
sudo=()
if [ "$(id -u)" != 0 ]; then sudo=(sudo -n); fi
"${sudo[@]}" apt-get update -qq >&2
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends "$@" >&2

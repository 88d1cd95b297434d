#!/usr/bin/env bash
# Installs Schemathesis from PyPI in the user's cache folder, and prints the path of its command, for SCHEMATHESIS. Needs
# Python 3.10 or later with venv.
set -euo pipefail
version=${SCHEMATHESIS_VERSION:-4.32.5}
home=${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/schemathesis-$version

if [ ! -f "$home/.ready" ]; then
  python3 -m venv "$home" >&2
  "$home/bin/pip" install -q --disable-pip-version-check --only-binary :all: "schemathesis==$version" >&2
  touch "$home/.ready"
fi
echo "$home/bin/schemathesis"

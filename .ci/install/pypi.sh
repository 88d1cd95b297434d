#!/usr/bin/env bash
# Installs packages from PyPI in a virtual environment in the user's cache folder (once), and prints the folder of its
# commands. Needs Python 3.10 or later with venv.
#
# Usage: pypi.sh PACKAGE==VERSION…
set -euo pipefail
names=$(printf '%s+' "$@" | tr -c 'a-zA-Z0-9.=+' - | sed 's/+$//; s/==/-/g')
venv=${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/$names

if [ ! -f "$venv/.ready" ]; then
  python3 -m venv "$venv" >&2
  "$venv/bin/pip" install -q --disable-pip-version-check --prefer-binary "$@" >&2
  touch "$venv/.ready"
fi
echo "$venv/bin"

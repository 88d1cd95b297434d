#!/usr/bin/env bash
# Installs lxml, which brings libxml2, from PyPI in the user's cache folder, and prints the path of a Python that has
# it, for LXML_PYTHON. Needs Python 3.9 or later with venv.
set -euo pipefail
version=${LXML_VERSION:-6.1.3}
home=${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/lxml-$version

if [ ! -f "$home/.ready" ]; then
  python3 -m venv "$home" >&2
  "$home/bin/pip" install -q --disable-pip-version-check --only-binary :all: "lxml==$version" >&2
  touch "$home/.ready"
fi
echo "$home/bin/python"

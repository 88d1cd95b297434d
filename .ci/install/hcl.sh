#!/usr/bin/env bash
# Prints the Python that has python-hcl2, a parser of Terraform's language: installed from PyPI in a virtual environment
# in the user's cache folder (once).
set -euo pipefail
venv=${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/hcl
if [ ! -f "$venv/.ready" ]; then
  python3 -m venv "$venv" >&2
  "$venv/bin/pip" install -q --disable-pip-version-check python-hcl2 >&2
  touch "$venv/.ready"
fi
echo "$venv/bin/python"

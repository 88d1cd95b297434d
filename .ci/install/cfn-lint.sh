#!/usr/bin/env bash
# Runs cfn-lint: the one on the PATH, or else one from PyPI in a virtual environment in the user's cache folder
# (installed once). Passes all arguments on.
set -euo pipefail
if command -v cfn-lint >/dev/null && cfn-lint --version >/dev/null 2>&1; then exec cfn-lint "$@"; fi

venv=${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/cfn-lint
if [ ! -f "$venv/.ready" ]; then
  python3 -m venv "$venv" >&2
  "$venv/bin/pip" install -q --disable-pip-version-check cfn-lint >&2
  touch "$venv/.ready"
fi
exec "$venv/bin/cfn-lint" "$@"

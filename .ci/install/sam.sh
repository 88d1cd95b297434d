#!/usr/bin/env bash
# Runs the AWS SAM CLI: the `sam` on the PATH, or else one with cfn-lint from PyPI in a virtual environment in the
# user's cache folder (installed once, in about a minute). Passes all arguments to `sam`.
set -euo pipefail
export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-eu-west-1}
export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-local} AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-local}
if command -v sam >/dev/null; then exec sam "$@"; fi

version=${SAM_VERSION:-1.170.0}
venv=${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/sam-$version
if [ ! -f "$venv/.ready" ]; then
  python3 -m venv "$venv" >&2
  "$venv/bin/pip" install -q --disable-pip-version-check "aws-sam-cli==$version" cfn-lint >&2
  touch "$venv/.ready"
fi
exec "$venv/bin/sam" "$@"

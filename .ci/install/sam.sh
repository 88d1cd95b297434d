#!/usr/bin/env bash
# The AWS SAM CLI with cfn-lint. Runs the `sam` of the PATH; where there is none, installs one from PyPI into a virtual environment in the
# user's cache folder (about a minute, once). All arguments go to `sam`.
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

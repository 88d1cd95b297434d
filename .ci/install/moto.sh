#!/usr/bin/env bash
# Runs moto, a stand-in for AWS, on 127.0.0.1:PORT in the foreground. Installs it from PyPI with the AWS CLI in a
# virtual environment in the user's cache folder (once). With --aws it prints the path of that AWS CLI instead.
#
# Usage: moto.sh PORT | --aws
set -euo pipefail
venv=${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/moto-aws
if [ ! -f "$venv/.ready" ]; then
  python3 -m venv "$venv" >&2
  "$venv/bin/pip" install -q --disable-pip-version-check "moto[server]" awscli >&2
  touch "$venv/.ready"
fi
if [ "$1" = --aws ]; then echo "$venv/bin/aws" && exit 0; fi
MOTO_IAM_LOAD_MANAGED_POLICIES=true exec "$venv/bin/moto_server" -H 127.0.0.1 -p "$1"

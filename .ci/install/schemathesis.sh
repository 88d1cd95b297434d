#!/usr/bin/env bash
# Prints the path of the command Schemathesis, for SCHEMATHESIS; it is installed if it is not yet there.
set -euo pipefail
commands=$("$(dirname "$0")/pypi.sh" "schemathesis==${SCHEMATHESIS_VERSION:-4.32.5}")
echo "$commands/schemathesis"

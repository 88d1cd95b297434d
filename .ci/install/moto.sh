#!/usr/bin/env bash
# Runs moto, a stand-in for AWS, on 127.0.0.1:PORT in the foreground. With --aws it prints the path of an AWS CLI that
# fits it instead. Both are from PyPI.
#
# Usage: moto.sh PORT | --aws
set -euo pipefail
commands=$("$(dirname "$0")/pypi.sh" "moto[server]==${MOTO_VERSION:-5.2.5}" "awscli==${AWS_CLI_VERSION:-1.46.3}")
if [ "$1" = --aws ]; then echo "$commands/aws" && exit 0; fi
MOTO_IAM_LOAD_MANAGED_POLICIES=true exec "$commands/moto_server" -H 127.0.0.1 -p "$1"

#!/usr/bin/env bash
# Runs the AWS SAM CLI: the `sam` on the PATH, or else one with cfn-lint from PyPI. Passes all arguments to `sam`.
set -euo pipefail
export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-eu-west-1}
export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-local} AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-local}
if command -v sam >/dev/null; then exec sam "$@"; fi

here=$(dirname "$0")
commands=$("$here/pypi.sh" "aws-sam-cli==${SAM_VERSION:-1.170.0}" "cfn-lint==${CFN_LINT_VERSION:-1.58.0}")
exec "$commands/sam" "$@"

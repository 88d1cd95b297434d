#!/usr/bin/env bash
# Runs cfn-lint: the one on the PATH, or else one from PyPI. Passes all arguments on.
set -euo pipefail
if command -v cfn-lint >/dev/null && cfn-lint --version >/dev/null 2>&1; then exec cfn-lint "$@"; fi

commands=$("$(dirname "$0")/pypi.sh" "cfn-lint==${CFN_LINT_VERSION:-1.58.0}")
exec "$commands/cfn-lint" "$@"

#!/usr/bin/env bash
# Prints the path of a Python that has python-hcl2, a parser of Terraform's language; it is installed if it is not yet
# there.
set -euo pipefail
commands=$("$(dirname "$0")/pypi.sh" "python-hcl2==${HCL_VERSION:-8.1.4}")
echo "$commands/python"

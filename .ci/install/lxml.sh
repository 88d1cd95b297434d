#!/usr/bin/env bash
# Prints the path of a Python that has lxml, which brings libxml2, for LXML_PYTHON; it is installed if it is not yet there.
set -euo pipefail
commands=$("$(dirname "$0")/pypi.sh" "lxml==${LXML_VERSION:-6.1.3}")
echo "$commands/python"

#!/usr/bin/env bash
# Builds the npm package `aws-lambda-ric`, the Lambda runtime interface client, in the user's cache folder, and prints
# its folder, for AWS_LAMBDA_RIC. Needs Debian or Ubuntu for the compiler. Run `npm ci` first, for the pinned Node.js.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=${AWS_LAMBDA_RIC_VERSION:-4.0.2}
home=${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/aws-lambda-ric-$version
folder=$home/node_modules/aws-lambda-ric

if [ ! -f "$home/.ready" ]; then
  "$here/debian-packages.sh" cmake make g++ autoconf automake libtool unzip xz-utils python3 libcurl4-openssl-dev
  mkdir -p "$home"
  # Its native part must be built for the Node.js that runs it, the pinned one.
  PATH=$here/../../node_modules/.bin:$PATH npm install --prefix "$home" --no-audit --no-fund --silent "aws-lambda-ric@$version" >&2
  test -f "$folder/index.mjs"
  touch "$home/.ready"
fi
echo "$folder"

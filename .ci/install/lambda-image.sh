#!/usr/bin/env bash
# Starts a Docker engine if none runs, and provides the image in which the SAM CLI runs nodejs24.x functions. If the
# image cannot be pulled, it is built from Debian, the pinned Node.js and `aws-lambda-ric`, the runtime interface
# client. That needs root.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
case $(uname -m) in aarch64 | arm64) architecture=arm64 ;; *) architecture=x86_64 ;; esac
image=public.ecr.aws/lambda/nodejs:24-$architecture
log=${TMPDIR:-/tmp}/sallyport-dockerd.log

if ! docker info >/dev/null 2>&1; then
  "$here/debian-packages.sh" docker.io
  nohup dockerd >"$log" 2>&1 &
  for _ in $(seq 60); do docker info >/dev/null 2>&1 && break; sleep 0.5; done
  docker info >/dev/null
fi
if docker image inspect "$image" >/dev/null 2>&1 || timeout 180 docker pull -q "$image" >/dev/null 2>&1; then
  echo "ready: $image"
  exit 0
fi

ric=$("$here/aws-lambda-ric.sh")
"$here/debian-packages.sh" debootstrap
root=${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/lambda-image/rootfs
if [ ! -f "$root/.ready" ]; then
  rm -rf "$root" && mkdir -p "$root"
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  debootstrap --variant=minbase --include=ca-certificates,libstdc++6 "$suite" "$root" >"$root/../debootstrap.log"
  mkdir -p "$root"/var/lang/bin "$root"/var/runtime "$root"/var/task "$root"/opt
  cp "$here/../../node_modules/node/bin/node" "$root/var/lang/bin/node"
  cp -r "$(dirname "$ric")" "$root/var/runtime/node_modules"
  cat >"$root/var/runtime/bootstrap" <<'B'
#!/bin/sh
export PATH=/var/lang/bin:$PATH
exec /var/lang/bin/node /var/runtime/node_modules/aws-lambda-ric/index.mjs "${_HANDLER:-$1}"
B
  cat >"$root/lambda-entrypoint.sh" <<'B'
#!/bin/sh
[ -n "${1:-}" ] && export _HANDLER="$1"
if [ -z "${AWS_LAMBDA_RUNTIME_API:-}" ]; then exec /usr/local/bin/aws-lambda-rie /var/runtime/bootstrap; fi
exec /var/runtime/bootstrap
B
  chmod +x "$root/var/runtime/bootstrap" "$root/lambda-entrypoint.sh"
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  touch "$root/.ready"
fi
tar -C "$root" -c . | docker import \
  -c 'WORKDIR /var/task' -c 'ENV LAMBDA_TASK_ROOT=/var/task' -c 'ENV LAMBDA_RUNTIME_DIR=/var/runtime' -c 'ENV LANG=en_US.UTF-8' \
  -c 'ENV PATH=/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin' -c 'ENTRYPOINT ["/lambda-entrypoint.sh"]' - "$image" >/dev/null
echo "ready: $image"

#!/usr/bin/env bash
# Runs Keycloak in development mode on 127.0.0.1:PORT in the foreground, with the administrator admin / admin.
# Needs Java 17 or later, Maven and unzip. The first run downloads it into the user's cache folder.
#
# Usage: keycloak.sh [PORT]    (default 8180)
set -euo pipefail
port=${1:-8180} version=${KEYCLOAK_VERSION:-26.4.0}
home=${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/keycloak-$version
repository=${M2_REPO:-$HOME/.m2/repository}

if [ ! -f "$home/.ready" ]; then
  mkdir -p "$home"
  mvn -q -B dependency:get -Dartifact=org.keycloak:keycloak-quarkus-dist:"$version":zip -Dtransitive=false >&2
  unzip -q -o "$repository/org/keycloak/keycloak-quarkus-dist/$version/keycloak-quarkus-dist-$version.zip" -d "$home"
  touch "$home/.ready"
fi

cd "$home/keycloak-$version"
export KC_BOOTSTRAP_ADMIN_USERNAME=admin KC_BOOTSTRAP_ADMIN_PASSWORD=admin
exec bin/kc.sh start-dev --http-host 127.0.0.1 --http-port "$port"

#!/usr/bin/env bash
# Runs Keycloak in development mode on 127.0.0.1:PORT in the foreground, with the administrator admin / admin.
# Needs Java 17 or later, Maven and unzip. The first run downloads it into the user's cache folder.
#
# With TLS_PORT and FOLDER it also serves https there and asks for client certificates. The folder then has the server's
# certificate (server.pem) and a client's with its key (client.pem, client.key).
#
# Usage: keycloak.sh [PORT [TLS_PORT FOLDER]]    (default 8180)
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

options=(--http-host 127.0.0.1 --http-port "$port")
if [ $# -eq 3 ]; then
  folder=$(cd "$3" && pwd)
  for name in server client; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$name" \
      -addext subjectAltName=IP:127.0.0.1 -keyout "$folder/$name.key" -out "$folder/$name.pem" 2>/dev/null
  done
  options+=(--https-port "$2" --https-client-auth request --truststore-paths "$folder/client.pem")
  options+=(--https-certificate-file "$folder/server.pem" --https-certificate-key-file "$folder/server.key")
  # Tokens have one issuer, whichever port they come from.
  options+=(--hostname "http://127.0.0.1:$port")
fi

cd "$home/keycloak-$version"
export KC_BOOTSTRAP_ADMIN_USERNAME=admin KC_BOOTSTRAP_ADMIN_PASSWORD=admin
exec bin/kc.sh start-dev "${options[@]}"

#!/usr/bin/env bash
# Runs Amazon's DynamoDB Local, in memory, on PORT in the foreground. Needs Java 17 or later and Maven.
# The first run downloads it into the user's cache folder.
#
# Usage: dynamodb-local.sh [PORT]    (default 8000)
set -euo pipefail
port=${1:-8000} version=${DYNAMODB_LOCAL_VERSION:-3.1.0}
home=${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/dynamodb-local-$version

if [ ! -f "$home/.ready" ]; then
  mkdir -p "$home"
  cat >"$home/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>dynamodb</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>software.amazon.dynamodb</groupId><artifactId>DynamoDBLocal</artifactId><version>$version</version></dependency>
  </dependencies>
</project>
POM
  (cd "$home" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime >&2)
  touch "$home/.ready"
fi

cd "$home"
exec java -Djava.library.path="$home/lib" -cp "$home/lib/*" \
  software.amazon.dynamodb.services.local.main.ServerRunner -inMemory -sharedDb -port "$port"

# Starts and stops the servers that the parts need. Sourced by .ci/run.

background=()
dynamodb=
keycloak=

cleanup() {
  for pid in "${background[@]}"; do end TERM "$pid"; done
  rm -rf "$scratch"
}

# Sends a signal to a started process and its descendants.
end() {
  local signal=$1 pid=$2 child
  for child in $(pgrep -P "$pid"); do end "$signal" "$child"; done
  kill "-$signal" "$pid" 2>/dev/null
}

# Repeats a command until it succeeds, for at most the given number of seconds.
within() {
  local until=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $until ] || return 1
    sleep 0.5
  done
}

free_port() { node -e 'const s = require("net").createServer().listen(0, () => { console.log(s.address().port); s.close() })'; }

# Runs a command in the background; its output goes to $scratch/NAME.log.
in_background() {
  local name=$1
  shift
  "$@" >"$scratch/$name.log" 2>&1 &
  background+=($!)
}

last_line_of() { tail -n 1 "$scratch/$1.log" 2>/dev/null; }

has_java() { command -v java >/dev/null && command -v mvn >/dev/null; }

# Sets $dynamodb to the address of a DynamoDB Local, which is started once for all parts.
start_dynamodb() {
  if [ -n "$dynamodb" ]; then return 0; fi
  has_java || { why="it needs Java and Maven" && return 1; }
  local port
  port=$(free_port)
  in_background dynamodb .ci/install/dynamodb-local.sh "$port"
  within 240 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" || { why="it did not start: $(last_line_of dynamodb)" && return 1; }
  dynamodb=http://127.0.0.1:$port
}

# Sets CHROMIUM.
find_chromium() {
  CHROMIUM=$(.ci/install/chromium.sh 2>"$scratch/chromium.log") || { why="no Chromium: $(last_line_of chromium)" && return 1; }
  export CHROMIUM
}

# Sets $keycloak to the address of a Keycloak, $keycloak_tls to that with mutual TLS, whose certificates are in
# $scratch/keycloak-tls.
start_keycloak() {
  if [ -n "$keycloak" ]; then return 0; fi
  has_java || { why="it needs Java and Maven" && return 1; }
  local port tls_port
  port=$(free_port) tls_port=$(free_port)
  mkdir -p "$scratch/keycloak-tls"
  in_background keycloak .ci/install/keycloak.sh "$port" "$tls_port" "$scratch/keycloak-tls"
  within 240 curl -sf "http://127.0.0.1:$port/realms/master" || { why="it did not start: $(last_line_of keycloak)" && return 1; }
  keycloak=http://127.0.0.1:$port keycloak_tls=https://127.0.0.1:$tls_port
}

# Sets SAM_CLI.
find_sam() {
  export SAM_CLI_TELEMETRY=0 SAM_CLI=${SAM_CLI:-$PWD/.ci/install/sam.sh}
  "$SAM_CLI" --version >"$scratch/sam.log" 2>&1 || { why="no SAM CLI: $(last_line_of sam)" && return 1; }
}

start_docker() {
  .ci/install/lambda-image.sh >"$scratch/docker.log" 2>&1 || { why="no Docker with Lambda's image: $(last_line_of docker)" && return 1; }
}

find_cfn_lint() {
  .ci/install/cfn-lint.sh --version >"$scratch/cfn-lint.log" 2>&1 || { why="no cfn-lint: $(last_line_of cfn-lint)" && return 1; }
}

# Sets HCL_PYTHON.
find_hcl() {
  HCL_PYTHON=$(.ci/install/hcl.sh 2>"$scratch/hcl.log") || { why="no python-hcl2: $(last_line_of hcl)" && return 1; }
}

# Sets $moto to the address of a moto, and AWS_CLI.
start_moto() {
  AWS_CLI=$(.ci/install/moto.sh --aws 2>"$scratch/moto.log") || { why="no moto: $(last_line_of moto)" && return 1; }
  local port
  port=$(free_port)
  in_background moto .ci/install/moto.sh "$port"
  within 60 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" || { why="it did not start: $(last_line_of moto)" && return 1; }
  moto=http://127.0.0.1:$port
}

# Runs a command with the AWS CLI and moto in place of AWS.
with_moto() {
  PATH=$(dirname "$AWS_CLI"):$PATH AWS_ENDPOINT_URL=$moto AWS_ACCESS_KEY_ID=moto AWS_SECRET_ACCESS_KEY=moto AWS_PAGER= \
    AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1 "$@"
}

# Sets AWS_LAMBDA_RIC.
find_ric() {
  if [ -n "${AWS_LAMBDA_RIC:-}" ]; then return 0; fi
  AWS_LAMBDA_RIC=$(.ci/install/aws-lambda-ric.sh 2>"$scratch/ric.log") || { why="it cannot be built: $(last_line_of ric)" && return 1; }
  export AWS_LAMBDA_RIC
}

# Sets SCHEMATHESIS.
find_schemathesis() {
  if [ -n "${SCHEMATHESIS:-}" ]; then return 0; fi
  SCHEMATHESIS=$(.ci/install/schemathesis.sh 2>"$scratch/schemathesis.log") ||
    { why="no Schemathesis: $(last_line_of schemathesis)" && return 1; }
}

# Sets LXML_PYTHON.
find_lxml() {
  if [ -n "${LXML_PYTHON:-}" ]; then return 0; fi
  LXML_PYTHON=$(.ci/install/lxml.sh 2>"$scratch/lxml.log") || { why="no lxml: $(last_line_of lxml)" && return 1; }
  export LXML_PYTHON
}

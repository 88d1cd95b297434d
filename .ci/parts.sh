# The parts of .ci/run, in their order. Sourced by .ci/run.

PARTS=(start test gateway check fuzz oracles dynamodb keycloak login openapi snippets sam ric)
END_TO_END=(test/end-to-end/doors test/end-to-end/scenarios test/end-to-end/appsync-size test/end-to-end/sender-constrained
  test/end-to-end/looked-up)

part_start() {
  say "npm run demo"
  one npm run demo
  say "npm start"
  one starts
}

# Starts the local stack, sends one of the requests that it prints, and stops it with SIGINT, like Ctrl-C.
starts() {
  local pid request
  in_background start npm start -- --port 0
  pid=${background[-1]}
  within 60 grep -q "gateway is ready" "$scratch/start.log" || { cat "$scratch/start.log" && return 1; }
  request=$(grep -m 1 -A 2 "# a user with a JWT$" "$scratch/start.log" | tail -n +2)
  bash -c "$request" 2>/dev/null | tee "$scratch/answer"
  end INT "$pid"
  wait "$pid"
  grep -q '"subject":"alice"' "$scratch/answer"
}

part_test() {
  say "npm test"
  counting tests
}

part_gateway() {
  say "the end-to-end tests behind the local API Gateway"
  SALLYPORT_TEST_HOST=gateway counting tests "${END_TO_END[@]}"
}

part_check() {
  say "npm run check"
  one npm run check
}

part_fuzz() {
  say "npm run fuzz"
  one npm run fuzz -- --tuples 200000 --seed 1
}

part_oracles() {
  say "the oracles of SAML"
  one npm run oracle:mutants -- --count 5000 --seed 1
  one npm run oracle:node-saml -- --count 2000 --seed 1
  find_lxml || { skip "libxml2: $why" && return; }
  one npm run oracle:libxml2 -- --count 10000 --seed 1
  counting tests test/scripts/oracles
}

part_dynamodb() {
  say "the tests that have a database, against DynamoDB Local"
  start_dynamodb || { skip "the tests against DynamoDB Local: $why" && return; }
  AWS_ENDPOINT_URL_DYNAMODB=$dynamodb counting tests_of local/stage/database.ts test/local/start.test.ts
}

part_keycloak() {
  say "the tests with Keycloak"
  start_keycloak || { skip "the tests with Keycloak: $why" && return; }
  KEYCLOAK_URL=$keycloak KEYCLOAK_TLS_URL=$keycloak_tls KEYCLOAK_TLS=$scratch/keycloak-tls counting tests test/keycloak
}

# Logins in a real browser, at the local identity provider and at a Keycloak.
part_login() {
  say "logins in a browser"
  find_chromium || { skip "the tests in a browser: $why" && return; }
  if ! start_keycloak; then skip "the login at Keycloak: $why"; fi
  one npm run --silent build
  KEYCLOAK_URL=$keycloak counting tests test/login
}

# Schemathesis makes requests from the document of the admin API, and compares the answers with it.
part_openapi() {
  say "the OpenAPI document of the admin API"
  find_schemathesis || { skip "Schemathesis: $why" && return; }
  one conforms
}

conforms() {
  local pid api issuers token code
  in_background start npm start -- --port 0 --quiet
  pid=${background[-1]}
  within 60 grep -q "gateway is ready" "$scratch/start.log" || { cat "$scratch/start.log" && return 1; }
  api=$(awk '$1 == "KeysApi" { print $2; exit }' "$scratch/start.log")
  issuers=$(awk '$1 == "credentials" { print $2; exit }' "$scratch/start.log")
  token=$(curl -sf "$issuers/jwt?scope=keys:read+keys:write+entitlements:read+entitlements:write&tenant=&expires=3600")
  "$SCHEMATHESIS" --config-file .ci/schemathesis.toml run schema/api-keys.openapi.json --url "$api" \
    -H "Authorization: Bearer $token" --max-examples 50
  code=$?
  end INT "$pid"
  wait "$pid"
  return $code
}

# The snippets of docs/deployment.md: YAML under cfn-lint, Terraform's in a parser of its language, and the commands of the
# AWS CLI against moto. moto has no test-invoke-authorizer, which is why that command is in a block of its own.
part_snippets() {
  say "the snippets of docs/deployment.md"
  one npm run --silent build
  one npm run --silent snippets
  if find_cfn_lint; then one .ci/install/cfn-lint.sh dist/snippets/*.yaml; else skip "cfn-lint: $why"; fi
  if find_hcl; then
    one "$HCL_PYTHON" -c 'import hcl2, sys; [hcl2.load(open(file)) for file in sys.argv[1:]]' dist/snippets/*.hcl
  else
    skip "python-hcl2: $why"
  fi
  start_moto || { skip "the commands of the AWS CLI, and --stack: $why" && return; }
  one with_moto commands
  MOTO_URL=$moto counting with_moto tests test/moto
}

# Runs the commands in a copy of what they need.
commands() {
  mkdir -p "$scratch/clone/dist/functions"
  cp -R dist/functions/authorizer "$scratch/clone/dist/functions/"
  echo '{}' >"$scratch/clone/sallyport.config.json"
  (cd "$scratch/clone" && bash -eu "$OLDPWD"/dist/snippets/*.bash >/dev/null)
}

part_sam() {
  say "AWS SAM"
  find_sam || { skip "sam validate, sam build and sam local: $why" && return; }
  one "$SAM_CLI" validate --lint
  start_docker || { skip "sam local: $why" && return; }
  one plain_invoke
  start_dynamodb || echo "With the embedded DynamoDB. DynamoDB Local: $why"
  export AWS_ENDPOINT_URL_DYNAMODB=$dynamodb
  counting npm run --silent sam:invoke -- jwt --api all
  counting npm run --silent sam:invoke -- saml saml-response saml-deflated api-key api-key-bearer partner-user partner-user-joined
  counting npm run --silent sam:invoke -- no-credential expired-token bad-checksum revoked-key
  # `sam local invoke` takes seconds for each event. The end-to-end tests use `sam local start-lambda`, which keeps the
  # function warm.
  SALLYPORT_TEST_HOST=sam-warm counting tests "${END_TO_END[@]}" --no-file-parallelism --testTimeout=60000 --hookTimeout=300000
  counting npm run --silent sam:api -- --port "$(free_port)" --check
  unset AWS_ENDPOINT_URL_DYNAMODB
}

# The commands of docs/sam.md for plain `sam local invoke`.
plain_invoke() {
  local architecture=x86_64
  if [ "$(uname -m)" != x86_64 ]; then architecture=arm64; fi
  "$SAM_CLI" build --parameter-overrides Architecture=$architecture >"$scratch/build.log" 2>&1 || return 1
  npm run --silent event -- jwt >"$scratch/event.json"
  npm run --silent sam:environment >"$scratch/env.json"
  "$SAM_CLI" local invoke Authorizer --event "$scratch/event.json" --env-vars "$scratch/env.json" \
    --parameter-overrides Architecture=$architecture --skip-pull-image >"$scratch/invoked.json" 2>"$scratch/invoke.log"
  grep -q '"principalId": "https://id.local.example|alice"' "$scratch/invoked.json"
}

part_ric() {
  say "the end-to-end tests in the Lambda runtime interface client"
  find_ric || { skip "the end-to-end tests in the runtime interface client: $why" && return; }
  SALLYPORT_TEST_HOST=ric counting tests "${END_TO_END[@]}"
}

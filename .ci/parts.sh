# The parts of .ci/run, in their order. Sourced by .ci/run.

PARTS=(start test gateway check fuzz oracles dynamodb keycloak sam ric)
END_TO_END=(test/end-to-end/doors test/end-to-end/scenarios test/end-to-end/appsync-size)

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
  request=$(grep -m 1 "a user with a JWT" "$scratch/start.log")
  bash -c "${request%%   #*}" 2>/dev/null | tee "$scratch/answer"
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
  one npm run fuzz -- --tuples 200000
}

part_oracles() {
  say "the oracles of SAML"
  one npm run oracle:mutants -- --count 5000
  one npm run oracle:node-saml -- --count 2000
  find_lxml || { skip "libxml2: $why" && return; }
  one npm run oracle:libxml2 -- --count 10000
  counting tests test/scripts/oracles
}

part_dynamodb() {
  say "all tests against DynamoDB Local"
  start_dynamodb || { skip "the tests against DynamoDB Local: $why" && return; }
  AWS_ENDPOINT_URL_DYNAMODB=$dynamodb counting tests
}

part_keycloak() {
  say "the tests with Keycloak"
  start_keycloak || { skip "the tests with Keycloak: $why" && return; }
  KEYCLOAK_URL=$keycloak counting tests test/keycloak
}

part_sam() {
  say "AWS SAM"
  find_sam || { skip "sam validate, sam build and sam local: $why" && return; }
  one "$SAM_CLI" validate --lint
  start_docker || { skip "sam local: $why" && return; }
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

part_ric() {
  say "the end-to-end tests in the Lambda runtime interface client"
  find_ric || { skip "the end-to-end tests in the runtime interface client: $why" && return; }
  SALLYPORT_TEST_HOST=ric counting tests "${END_TO_END[@]}"
}

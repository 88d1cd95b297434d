# Counts passed and failed checks. Sourced by .ci/run.

export NO_COLOR=1
scratch=$(mktemp -d)
passed=0 failed=0 strict=0 started=$SECONDS

say() { printf '\n== %s (%s s)\n' "$*" $((SECONDS - started)); }

# Reports a check that this machine cannot run, with the reason.
skip() {
  printf 'SKIPPED: %s\n' "$*"
  if [ "$strict" -eq 1 ]; then fail "skipped, which --strict does not allow"; fi
}

fail() {
  failed=$((failed + 1))
  printf 'FAILED: %s\n' "$*"
}

# Runs one command as one check.
one() {
  if "$@"; then passed=$((passed + 1)); else fail "$*"; fi
}

# Runs a command that prints a line "N passed, N failed". Without that line, or with an exit code other than 0, it is a
# failure.
counting() {
  "$@" 2>&1 | tee "$scratch/output"
  local code=${PIPESTATUS[0]} counts
  counts=$(grep -oE '^[0-9]+ passed, [0-9]+ failed$' "$scratch/output" | tail -n 1)
  passed=$((passed + $(awk '{print $1 + 0}' <<<"$counts")))
  failed=$((failed + $(awk '{print $3 + 0}' <<<"$counts")))
  if [ -z "$counts" ]; then
    fail "without a count: $*"
  elif [ "$code" -ne 0 ] && ! [[ $counts =~ [1-9][0-9]*\ failed ]]; then
    fail "$*"
  fi
}

# Run Vitest, for `counting`: the tests of the given paths, or those that reach the given files through their imports.
tests() { vitest_by test "$@"; }
tests_of() { vitest_by test:related "$@"; }

vitest_by() {
  local script=$1
  shift
  rm -f "$scratch/tests.json"
  npm run "$script" -- "$@" --reporter=default --reporter=json --outputFile.json="$scratch/tests.json"
  local code=$?
  node -p 'const r = JSON.parse(fs.readFileSync(process.argv[1])); `${r.numPassedTests} passed, ${r.numFailedTests} failed`' "$scratch/tests.json"
  return $code
}

import { expect, test } from "vitest";
import { authenticated, rejected, unavailable, verdictOf } from "../../providers/verdict.ts";
import { Refusal, TroubleError } from "../../shared/domain/reasons/errors.ts";
import { type CredentialWarning, WARNINGS } from "../../shared/domain/reasons/reasons.ts";
import { user } from "../fixtures.ts";

test("has default reasons for providers of your own", () => {
  expect(rejected()).toEqual({ status: "rejected", reason: "credential_rejected" });
  expect(unavailable()).toMatchObject({ status: "unavailable", reason: "provider_failed" });
});

test("a valid credential has its warnings, and none of them is no list", () => {
  const principal = user();
  expect(authenticated(principal)).toEqual({ status: "authenticated", principal });
  expect(authenticated(principal, [])).toEqual({ status: "authenticated", principal });
  const warnings = Object.keys(WARNINGS).slice(0, 1) as CredentialWarning[];
  expect(authenticated(principal, warnings)).toEqual({ status: "authenticated", principal, warnings });
});

test("an unknown error is unavailable, never rejected", () => {
  const cause = new Error("broken");
  expect(verdictOf(new Refusal("token_expired"))).toEqual({ status: "rejected", reason: "token_expired" });
  expect(verdictOf(new TroubleError("key_set_unavailable", cause))).toMatchObject({
    reason: "key_set_unavailable",
    cause,
  });
  expect(verdictOf(cause)).toEqual({ status: "unavailable", reason: "provider_failed", cause });
});

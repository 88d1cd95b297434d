import { clientOf } from "../../../providers/jwt/claims.ts";
import type { Claims } from "../../../providers/jwt/compact.ts";
import { entryOf, issuersOf } from "../../../providers/jwt/issuer-entry.ts";
import type { JwtConfig, JwtIssuer } from "../../../shared/domain/config/jwt.ts";
import { shownNames, shownValue } from "../shown-value.ts";
import { anyOf, type Expectation, expectation, expectedEnd, expectedStart } from "./expectation.ts";
import type { FetchedKeys, RejectedToken, TokenCase } from "./jwt-case.ts";
import { claimsExpectations, pathText, subjectExpectations } from "./jwt-claims.ts";
import { valueExpectations } from "./jwt-form.ts";
import { keyExpectations } from "./jwt-keys.ts";
import { typeExpectations } from "./jwt-type.ts";
import { differenceHint } from "./nearest-identifier.ts";
import { tenantIn } from "./tenant-issuer.ts";

type Explain = (token: TokenCase) => readonly Expectation[];

/** What was expected of a token, and what was found, by the reason of its rejection. */
const BY_REASON: Readonly<Record<string, Explain>> = {
  token_header_not_allowed: ({ header }) => [
    { of: "header", expected: "none of crit, zip, b64", found: shownNames(Object.keys(header)) },
  ],
  token_algorithm_not_allowed: ({ header, entry }) => [expectation("alg", anyOf(entry.algorithms), header.alg)],
  token_type_not_allowed: typeExpectations,
  token_expired: ({ payload, time }) => [timed("exp", payload.exp, (exp) => expectedEnd("exp", exp, time))],
  token_expiry_missing: ({ payload }) => [expectation("exp", "seconds since the epoch", payload.exp)],
  token_not_yet_valid: ({ payload, entry, time }) => [
    timed("nbf", payload.nbf, (nbf) => expectedStart("nbf", nbf, time, entry.clockTolerance)),
  ],
  token_issued_in_future: ({ payload, entry, time }) => [
    timed("iat", payload.iat, (iat) => expectedStart("iat", iat, time, entry.clockTolerance)),
  ],
  token_too_old: ({ payload, entry: { maxTokenAge = 0 }, time }) => [
    timed("iat", payload.iat, (iat) => ({
      ...expectedEnd("iat", iat, time),
      expected: `at most ${maxTokenAge} s (maxTokenAge) before the request`,
    })),
  ],
  token_audience_mismatch: ({ payload, entry: { audience = [] } }) => {
    const [only] = [payload.aud].flat();
    return [expectation("aud", anyOf(audience), payload.aud, differenceHint(only, audience))];
  },
  token_client_not_allowed: ({ payload, entry: { clientIds = [], claims } }) => [
    expectation(
      claims.client.map(pathText).join(" or "),
      `${anyOf(clientIds)} (clientIds)`,
      clientOf(payload, claims.client),
    ),
  ],
  token_subject_missing: subjectExpectations,
  token_claim_invalid: claimsExpectations,
  token_key_unknown: keyExpectations,
  token_key_weak: keyExpectations,
  token_signature_invalid: keyExpectations,
  key_set_unavailable: keyExpectations,
};

/** What was expected and found of a token of a configured issuer, as far as it can be read. */
export function tokenExpectations(
  reason: string,
  { header, payload }: RejectedToken,
  config: JwtConfig,
  time: number,
  fetched: FetchedKeys,
): readonly Expectation[] {
  if (reason === "token_malformed") return valueExpectations({ header, payload });
  const entry = entryOf(payload, config);
  if (!entry) return reason === "token_issuer_unknown" ? unknownIssuer(payload, config) : [];
  const explain = Object.hasOwn(BY_REASON, reason) ? BY_REASON[reason] : undefined;
  return explain?.({ reason, header, payload, config, entry, time, fetched }) ?? [];
}

function unknownIssuer({ iss, sub, tid }: Claims, { issuers }: JwtConfig): Expectation[] {
  const known = issuers.flatMap(issuersOf);
  const [entry] = issuers.filter((each) => tenantIn(iss, each) !== undefined);
  if (entry) return tenantExpectations(entry, iss, tid);
  const isWithout = iss === undefined && issuers.some(({ preset }) => preset === "spiffe");
  return [
    expectation("iss", anyOf(known), iss, differenceHint(iss, known)),
    ...(isWithout ? [expectation("sub", "a SPIFFE ID in a trust domain that is an `issuer`", sub)] : []),
  ];
}

/** Of a token whose issuer is known, but not of the tenant that it names. */
function tenantExpectations(entry: JwtIssuer, iss: unknown, tid: unknown): Expectation[] {
  const { tenantIds = [] } = entry;
  const named = tenantIn(iss, entry);
  const isListed = named !== undefined && tenantIds.includes(named);
  return [
    ...(isListed ? [] : [expectation("iss", `${entry.issuer} with ${anyOf(tenantIds)} (tenantIds)`, iss)]),
    ...(tid === named ? [] : [expectation("tid", `the tenant's id in iss, ${shownValue(named)}`, tid)]),
  ];
}

function timed(of: string, value: unknown, explain: (time: number) => Expectation): Expectation {
  return typeof value === "number" ? explain(value) : expectation(of, "seconds since the epoch", value);
}

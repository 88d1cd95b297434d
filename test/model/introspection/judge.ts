/** What an introspection server's answer makes of a token, as docs/configuration.md has it ("Opaque tokens"). */

export interface Entry {
  readonly isForJwts: boolean;
  readonly cacheAge: number;
  readonly clockTolerance: number;
  readonly maxTokenAge: number | undefined;
  readonly clientIds: readonly string[] | undefined;
  readonly required: boolean;
}

export type Answer = Readonly<Record<string, unknown>>;

export type Judged =
  | { readonly reasons: readonly string[] }
  | {
      readonly subject: unknown;
      readonly scopes: readonly string[];
      readonly tenant: unknown;
      readonly expiresAt: number | undefined;
    };

export const ISSUER = "https://id.example.com";
export const AUDIENCE = "https://api.example.com";
export const TROUBLE = "introspection_unavailable";

const isText = (value: unknown) => typeof value === "string";
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
/** Seconds since the epoch, which may have a fraction, until the year 9999. */
const isTime = (value: unknown): value is number => typeof value === "number" && value >= 0 && value < 253_402_300_800;

/** Members as RFC 7662 section 2.2 types them. */
const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  ...{ active: (value) => typeof value === "boolean", iss: isText, token_type: isText },
  ...{ exp: isTime, iat: isTime, nbf: isTime, aud: (value) => isText(value) || isTexts(value) },
};

/** Whether the answer is as the standard has it. */
export const isWell = (answer: Answer) =>
  answer.active === false ||
  ("active" in answer && Object.entries(TYPES).every(([name, isRight]) => !(name in answer) || isRight(answer[name])));

/** The claims of an answer beside those of its JWT: the answer counts, and the earlier end. */
export function merged(token: Answer, { active: _, ...answer }: Answer): Answer {
  const ends = [token.exp, answer.exp].filter(isTime);
  return { ...token, ...answer, ...(ends.length > 0 && { exp: Math.min(...ends) }) };
}

/** An answer about a JWT that is not about this token. */
export const isForeign = (token: Answer, answer: Answer) =>
  ["iss", "sub", "jti"].some((name) => name in answer && name in token && answer[name] !== token[name]);

const plain = (value: unknown) =>
  String(value)
    .toLowerCase()
    .replace(/[-_]/g, "")
    .replace(/token$/, "");

function isOtherKind({ token_type: type = "", token_use: use = "", typ = "" }: Answer): boolean {
  return (
    ["refresh", "id"].includes(plain(type)) ||
    ["refresh", "offline", "id", "logout"].includes(plain(typ)) ||
    (use !== "" && plain(use) !== "access")
  );
}

/** What the claims of an active token say at an instant. */
export function judge(entry: Entry, claims: Answer, now: number): Judged {
  const { iss, exp, nbf = 0, iat, aud, sub, client_id, scope = "", tenant } = claims;
  const { clockTolerance, maxTokenAge, clientIds } = entry;
  const audiences = [aud].flat();
  const reasons = [
    ...(iss !== undefined && iss !== ISSUER ? ["token_issuer_unknown"] : []),
    ...(isTime(exp) && Math.floor(exp) <= now ? ["token_expired"] : []),
    ...(Number(nbf) > now + clockTolerance ? ["token_not_yet_valid"] : []),
    ...(isTime(iat) && iat > now + clockTolerance ? ["token_issued_in_future"] : []),
    ...(maxTokenAge !== undefined && (!isTime(iat) || Math.floor(iat) + maxTokenAge < now) ? ["token_too_old"] : []),
    ...(audiences.includes(AUDIENCE) ? [] : ["token_audience_mismatch"]),
    ...(clientIds && !clientIds.includes(String(client_id)) ? ["token_client_not_allowed"] : []),
    ...(entry.required && claims.token_use !== "access" ? ["token_claim_invalid"] : []),
    ...(isText(sub) && sub !== "" && sub === String(sub).trim() ? [] : ["token_subject_missing"]),
    ...(isText(scope) && (tenant === undefined || isText(tenant)) ? [] : ["token_claim_invalid"]),
    ...(isOtherKind(claims) ? ["token_type_not_allowed"] : []),
    ...("cnf" in claims || plain(claims.token_type) === "dpop" ? ["token_confirmation_unsupported"] : []),
  ];
  if (reasons.length > 0) return { reasons };
  const ends = [
    ...(isTime(exp) ? [Math.floor(exp)] : []),
    ...(maxTokenAge !== undefined && isTime(iat) ? [Math.floor(iat) + maxTokenAge + 1] : []),
  ];
  const scopes = String(scope).split(" ").filter(Boolean);
  return { subject: sub, scopes, tenant, expiresAt: ends.length > 0 ? Math.min(...ends) : undefined };
}

import * as v from "valibot";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import { CONFIRMATIONS, KIND_SOURCES, PRINCIPAL_KINDS } from "../../../shared/domain/principal/principal.ts";
import { UnprovenAnswer } from "../../../shared/infrastructure/dynamodb/exchange.ts";
import type { LoginFlow } from "../login/login-flow.ts";
import type { CodeGrant, KeptPrincipal, UsedCode } from "../token/code-grant.ts";

const text = v.pipe(v.string(), v.minLength(1));
const instant = v.pipe(v.number(), v.safeInteger());
const texts = v.array(v.string());

const flow = v.object({
  ...{ id: text, connection: text, clientId: text, redirectUri: text, state: v.optional(v.string()) },
  ...{ codeChallenge: text, scopes: v.optional(texts), resource: text },
  ...{ requestId: text, cookieHash: text, begunAt: instant, expiresAt: instant },
});

/**
 * All that is kept of a principal. Strict: a member that is not here is one that a token, a lockout or a
 * denying rule may need.
 */
const principal = v.strictObject({
  ...{
    provider: text,
    subject: text,
    kind: v.picklist(PRINCIPAL_KINDS),
    kindFrom: v.optional(v.picklist(KIND_SOURCES)),
  },
  ...{ issuer: text, tenant: v.optional(text) },
  ...{ scopes: texts, roles: texts, addresses: v.optional(texts) },
  confirmation: v.optional(v.array(v.picklist(CONFIRMATIONS))),
  authentication: v.optional(
    v.strictObject({
      ...{ contextClass: v.optional(v.string()), methods: v.optional(texts), time: v.optional(v.number()) },
    }),
  ),
  ...{ issuedAt: v.optional(instant), tokenId: v.optional(text), expiresAt: v.optional(instant) },
  attributes: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
} satisfies Record<keyof KeptPrincipal, v.GenericSchema>);

const owner = { flowId: text, connection: text, clientId: text };

const grant = v.object({
  ...{ ...owner, redirectUri: text, codeChallenge: text },
  ...{ scopes: v.optional(texts), resource: text, principal, expiresAt: instant },
});

/** A login as it was stored. @throws {UnprovenAnswer} if the item is damaged */
export const readFlow = (value: string | undefined): LoginFlow => withoutUndefined(parsed(flow, value));

/** What a code stands for, as it was stored. @throws {UnprovenAnswer} if the item is damaged */
export function readGrant(value: string | undefined): CodeGrant {
  const { principal: found, ...rest } = parsed(grant, value);
  return withoutUndefined({ ...rest, principal: withoutUndefined(found) as KeptPrincipal });
}

/** What is known of a code that was used. @throws {UnprovenAnswer} if the item is damaged */
export const readOwner = (value: string | undefined): Omit<UsedCode, "usedFor"> => parsed(v.object(owner), value);

function parsed<Schema extends v.GenericSchema>(schema: Schema, value: string | undefined): v.InferOutput<Schema> {
  try {
    return v.parse(schema, JSON.parse(value ?? ""));
  } catch {
    throw new UnprovenAnswer();
  }
}

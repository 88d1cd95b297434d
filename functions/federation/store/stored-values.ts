import * as v from "valibot";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import { PRINCIPAL_KINDS, type Principal } from "../../../shared/domain/principal/principal.ts";
import { UnprovenAnswer } from "../../../shared/infrastructure/dynamodb/exchange.ts";
import type { LoginFlow } from "../login/login-flow.ts";
import type { CodeGrant } from "../token/code-grant.ts";

const text = v.pipe(v.string(), v.minLength(1));
const instant = v.pipe(v.number(), v.safeInteger());
const texts = v.array(v.string());

const flow = v.object({
  ...{ id: text, connection: text, clientId: text, redirectUri: text, state: v.optional(v.string()) },
  ...{ codeChallenge: text, scopes: v.optional(texts), resource: text },
  ...{ requestId: text, cookieHash: text, begunAt: instant, expiresAt: instant },
});

const principal = v.object({
  ...{ provider: text, subject: text, kind: v.picklist(PRINCIPAL_KINDS), issuer: text, tenant: v.optional(text) },
  ...{ scopes: texts, roles: texts, addresses: v.optional(texts) },
  ...{ issuedAt: v.optional(instant), expiresAt: v.optional(instant) },
  attributes: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
});

const grant = v.object({
  ...{ flowId: text, connection: text, clientId: text, redirectUri: text, codeChallenge: text },
  ...{ scopes: v.optional(texts), resource: text, principal, expiresAt: instant },
});

/** A login as it was stored. @throws {UnprovenAnswer} if the item is damaged */
export const readFlow = (value: string | undefined): LoginFlow => withoutUndefined(parsed(flow, value));

/** What a code stands for, as it was stored. @throws {UnprovenAnswer} if the item is damaged */
export function readGrant(value: string | undefined): CodeGrant {
  const { principal: found, ...rest } = parsed(grant, value);
  return withoutUndefined({ ...rest, principal: withoutUndefined(found) as Principal });
}

function parsed<Schema extends v.GenericSchema>(schema: Schema, value: string | undefined): v.InferOutput<Schema> {
  try {
    return v.parse(schema, JSON.parse(value ?? ""));
  } catch {
    throw new UnprovenAnswer();
  }
}

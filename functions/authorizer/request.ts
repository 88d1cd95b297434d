import { canonicalRange } from "../../shared/address/address-range.ts";
import type { AuthorizationRequest, RequestSource } from "../../shared/authorization-request.ts";
import type { CredentialsConfig } from "../../shared/config/schema.ts";
import type { Credential } from "../../shared/credentials/credential.ts";
import { findCredentials, readCredential, type Values } from "../../shared/credentials/find.ts";
import { parseResourceArn } from "../../shared/policy/resource-arn.ts";
import { TroubleError } from "../../shared/reasons/errors.ts";

/** An object of which nothing is known yet: events are checked, not believed. */
type Unknown = Readonly<Record<string, unknown>>;

/**
 * Reads a REST API's TOKEN or REQUEST event (API Gateway developer guide, "Input to an API Gateway Lambda authorizer").
 *
 * @param time seconds since the epoch
 * @throws {TroubleError} `event_not_supported` for anything else: it is not the caller's fault, and no caller may be refused for it
 */
export function requestFromEvent(event: unknown, time: number, config: CredentialsConfig): AuthorizationRequest {
  const { type, methodArn, authorizationToken, ...rest } = objectOf(event);
  const resource = parseResourceArn(methodArn);
  if (!resource) throw new TroubleError("event_not_supported");
  if (type === "TOKEN") {
    return { credentials: fromToken(authorizationToken), resource, source: { viaVpcEndpoint: false }, time };
  }
  if (type !== "REQUEST") throw new TroubleError("event_not_supported");
  const headers = valuesOf(rest.multiValueHeaders, rest.headers, (name) => name.toLowerCase());
  const query = valuesOf(rest.multiValueQueryStringParameters, rest.queryStringParameters, (name) => name);
  return {
    credentials: findCredentials(headers, query, config),
    resource,
    source: sourceOf(objectOf(objectOf(rest.requestContext).identity)),
    time,
  };
}

function fromToken(value: unknown): Credential[] {
  return typeof value === "string" ? readCredential(value, "bearer", { in: "token", name: "authorizationToken" }) : [];
}

/** The caller's address by API Gateway's word. X-Forwarded-For is never read: its left part is the client's to write. */
function sourceOf({ sourceIp, vpceId }: Unknown): RequestSource {
  const address = typeof sourceIp === "string" && canonicalRange(sourceIp) !== undefined ? sourceIp : undefined;
  return { ...(address !== undefined && { address }), viaVpcEndpoint: typeof vpceId === "string" && vpceId !== "" };
}

/** Every value of a multi-value map; of the single-value map only names that the other lacks. */
function valuesOf(multiple: unknown, single: unknown, nameOf: (name: string) => string): Values {
  const values = new Map<string, string[]>();
  for (const [name, list] of Object.entries(objectOf(multiple))) {
    for (const value of Array.isArray(list) ? list : []) append(values, nameOf(name), value);
  }
  const complete = new Set(values.keys());
  for (const [name, value] of Object.entries(objectOf(single))) {
    if (!complete.has(nameOf(name))) append(values, nameOf(name), value);
  }
  return values;
}

function append(values: Map<string, string[]>, name: string, value: unknown): void {
  if (typeof value === "string") values.set(name, [...(values.get(name) ?? []), value]);
}

function objectOf(value: unknown): Unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Unknown) : {};
}

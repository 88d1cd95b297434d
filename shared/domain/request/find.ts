import type { CredentialsConfig } from "../config/schema.ts";
import { withoutEdges } from "../text/without-edges.ts";
import type { Credential, CredentialLocation, Scheme } from "./credential.ts";

/** All values of the headers or query parameters of a request, by name. */
export type Values = ReadonlyMap<string, readonly string[]>;

/**
 * Authentication schemes of the Authorization header (RFC 9110 section 11.1), in lower case. A Map, because the caller
 * writes the names.
 */
const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  ["bearer", "bearer"],
  ["dpop", "dpop"],
  ["saml", "saml"],
  ["apikey", "api-key"],
]);

/**
 * Finds all credentials of a request in the places that the configuration allows. A header that occurs twice has two
 * credentials: if only one of them were used, the caller could choose which one is checked.
 *
 * @param headers by lower-case name
 * @param query by exact name
 */
export function findCredentials(headers: Values, query: Values, config: CredentialsConfig): Credential[] {
  return placesOf(config).flatMap(([location, scheme]) =>
    ((location.in === "header" ? headers : query).get(location.name) ?? []).flatMap((value) =>
      readCredential(value, scheme, location),
    ),
  );
}

type Place = readonly [CredentialLocation, Scheme];

const known = new WeakMap<CredentialsConfig, readonly Place[]>();

/** Where a configuration lets a credential stand, and the scheme of a value there that names none. */
export function placesOf(config: CredentialsConfig): readonly Place[] {
  const places = known.get(config) ?? [
    ...placesIn("header", { authorization: "bearer", "x-api-key": "api-key", ...config.headers }),
    ...placesIn("query", config.query),
  ];
  known.set(config, places);
  return places;
}

const placesIn = (place: "header" | "query", named: Readonly<Record<string, Scheme>>): Place[] =>
  Object.entries(named).map(([name, scheme]) => [{ in: place, name }, scheme]);

/**
 * Splits a header's value into credentials. One header may contain several, as `Bearer …, ApiKey …`, so that all of
 * them are in the cache key; a proxy may also have joined duplicates. A value without a scheme has the scheme of its
 * place. A value with an unknown scheme, or a scheme without a value, is a credential that no provider recognises.
 *
 * The time is linear in the value, which may have any character in the query string: the expression behind the scheme
 * takes whatever follows, line breaks too, and so never tries a run of blanks twice.
 */
export function readCredential(raw: string, implied: Scheme, location: CredentialLocation): Credential[] {
  return raw.split(/,[ \t]*(?=(?:Bearer|DPoP|SAML|ApiKey)[ \t])/i).flatMap((part) => {
    const value = trimField(part);
    if (value === "") return [];
    const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9-]*)[ \t]+(.*)$/s.exec(value) ?? [];
    if (scheme === undefined || rest === undefined) {
      // A scheme alone is no credential of another one.
      return [{ scheme: SCHEMES.has(value.toLowerCase()) ? "other" : implied, value, location, raw }];
    }
    return [{ scheme: SCHEMES.get(scheme.toLowerCase()) ?? "other", value: rest, location, raw }];
  });
}

/** A field value without the white space of HTTP around it: spaces and tabs (RFC 9110 section 5.6.3). */
const trimField = (text: string) => withoutEdges(text, " \t");

/** The credentials of a TOKEN authorizer's or AppSync's event, which has one value without a name. */
export function readToken(value: unknown): Credential[] {
  return typeof value === "string" ? readCredential(value, "bearer", { in: "token", name: "authorizationToken" }) : [];
}

/**
 * Credentials among the subprotocols of a WebSocket client (RFC 6455 section 11.3.4), as
 * `sallyport.<scheme>.<credential>`. A browser cannot set other headers of a WebSocket request. The credential may
 * contain only characters of a token, such as base64url and dots.
 */
export function readSubprotocols(values: readonly string[]): Credential[] {
  return values
    .flatMap((value) => value.split(","))
    .flatMap((entry) => {
      const [, scheme = "", credential] = /^sallyport\.(bearer|saml|apikey)\.(.+)$/i.exec(trimField(entry)) ?? [];
      if (credential === undefined) return [];
      const location = { in: "subprotocol", name: "sec-websocket-protocol" } as const;
      return [{ scheme: SCHEMES.get(scheme.toLowerCase()) ?? "other", value: credential, location }];
    });
}

import type { CredentialsConfig } from "../config/schema.ts";
import type { Credential, CredentialLocation, Scheme } from "./credential.ts";

/** Values by name: what a request carries in its headers or its query, every occurrence of it. */
export type Values = ReadonlyMap<string, readonly string[]>;

/** Authentication schemes of the Authorization header (RFC 9110 section 11.1), in lower case. */
const SCHEMES: Readonly<Record<string, Scheme>> = { bearer: "bearer", saml: "saml", apikey: "api-key" };

/**
 * Every credential of a request, wherever the configuration lets one stand. A header that occurs twice holds two credentials: to choose
 * one of them would leave it to the caller which one is checked.
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
 * Parts a header's value into schemes and credentials. Several credentials may share one header, as `Bearer …, ApiKey …`: so they share
 * one cache key too, and so do duplicates that were joined on their way. A value without a scheme has the one that its place implies; one with
 * a scheme that is not ours is still a credential, which nobody recognises.
 */
export function readCredential(raw: string, implied: Scheme, location: CredentialLocation): Credential[] {
  return raw.split(/,[ \t]*(?=(?:Bearer|SAML|ApiKey)[ \t])/i).flatMap((part) => {
    const value = part.trim();
    if (value === "") return [];
    const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9-]*)[ \t]+(.*)$/.exec(value) ?? [];
    if (scheme === undefined || rest === undefined) return [{ scheme: implied, value, location, raw }];
    return [{ scheme: SCHEMES[scheme.toLowerCase()] ?? "other", value: rest, location, raw }];
  });
}

/** The credentials of an event that holds one value and no name for it: a TOKEN authorizer's, or AppSync's. */
export function readToken(value: unknown): Credential[] {
  return typeof value === "string" ? readCredential(value, "bearer", { in: "token", name: "authorizationToken" }) : [];
}

/**
 * Credentials among the sub-protocols that a WebSocket client offers (RFC 6455 section 11.3.4), each as `sallyport.<scheme>.<credential>`: all that a
 * browser can send beside the URL. Only such characters can stand there as base64url and dots have.
 */
export function readSubprotocols(values: readonly string[]): Credential[] {
  return values
    .flatMap((value) => value.split(","))
    .flatMap((entry) => {
      const [, scheme = "", credential] = /^sallyport\.(bearer|saml|apikey)\.(.+)$/i.exec(entry.trim()) ?? [];
      if (credential === undefined) return [];
      const location = { in: "subprotocol", name: "sec-websocket-protocol" } as const;
      return [{ scheme: SCHEMES[scheme.toLowerCase()] ?? "other", value: credential, location }];
    });
}

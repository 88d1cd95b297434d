import * as v from "valibot";
import { seconds, secureUrl, text } from "./common.ts";

/** A scope as clients can ask for it (RFC 6749 section 3.3). */
export const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/;

/** The identifier of a protected resource (RFC 9728 section 1.2): a URL without a query and a fragment. */
const identifier = v.pipe(
  secureUrl,
  v.check((value) => !/[?#]/.test(value), "a URL without a query and a fragment (RFC 9728 section 1.2)"),
  v.check((value) => /^[\x21-\x7e]+$/.test(value) && !/["'\\]/.test(value), "a URL of plain ASCII, without quotes"),
);

/**
 * The path of a resource, without the slash at its end. It stands behind `/.well-known/oauth-protected-resource` in the
 * URL of its metadata (RFC 9728 section 3.1).
 */
export const resourcePath = (resource: string): string => new URL(resource).pathname.replace(/\/$/, "");

const protectedResource = v.strictObject({
  /**
   * Identifier of the resource: the URL that clients call, as they see it, with the stage or the base path. What clients
   * call is this URL, or below it.
   *
   * @example "https://api.example.com/mcp"
   */
  resource: identifier,
  /** Name of the resource, for people. Default: none. */
  name: v.optional(text),
  /** URL of a page for developers. Default: none. */
  documentation: v.optional(secureUrl),
  /**
   * Scopes that clients should ask for first. Clients ask for all of them. Default: all that the allowing rules name.
   *
   * @example ["orders:read"]
   */
  scopes: v.optional(
    v.array(v.pipe(v.string(), v.regex(SCOPE_TOKEN, "a scope: ASCII without spaces, quotes and backslashes"))),
  ),
  /**
   * Authorization servers where clients get their tokens, by their issuer identifiers (RFC 8414). Default: the issuers
   * of `jwt.issuers` that are URLs.
   *
   * @example ["https://id.example.com"]
   */
  authorizationServers: v.optional(v.pipe(v.array(secureUrl), v.minLength(1))),
  /** Seconds for which clients and caches may keep the metadata, 0 to 86400. Default: 3600. */
  maxAge: v.optional(seconds(0, 86_400), 3600),
});

const section = v.pipe(
  v.array(protectedResource),
  v.minLength(1),
  v.check(
    (entries) => new Set(entries.map(({ resource }) => resourcePath(resource))).size === entries.length,
    "resources of different paths: the host of a request does not tell them apart",
  ),
);

type Section = typeof section;
/** Has a name so that the published types refer to this file, where the comments are, and do not copy the type. */
export interface ProtectedResourcesSchema extends Section {}

/** The section `protectedResources`. */
export const protectedResourcesConfig: ProtectedResourcesSchema = section;
export type ProtectedResource = v.InferOutput<typeof protectedResource>;

import { resourcePath } from "../../shared/domain/config/protected-resources.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { metadataOf } from "./metadata.ts";

/** The path of the metadata, before the path of the resource (RFC 9728 section 3). */
export const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** The answer of a Lambda proxy integration. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What of an event is read, whichever API it comes from. The host of a request is not. */
interface Event {
  /** A REST API's, or in payload format 1.0. */
  readonly httpMethod?: unknown;
  readonly path?: unknown;
  /** An HTTP API's, in payload format 2.0: with the stage, unless that is `$default`. */
  readonly rawPath?: unknown;
  /** `path` of a REST API has the stage or the base path. */
  readonly requestContext?: { readonly path?: unknown; readonly http?: { readonly method?: unknown } };
}

/** The metadata are public, and browsers may read them from every origin. */
const OPEN = { "Access-Control-Allow-Origin": "*" };

/** Clients of MCP send this header with the request for the metadata, for which browsers ask first. */
const PREFLIGHT = {
  ...OPEN,
  "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
  "Access-Control-Allow-Headers": "MCP-Protocol-Version",
  "Access-Control-Max-Age": "86400",
};

/**
 * Builds the Lambda handler that serves the metadata of the configuration's protected resources: a GET of the path with
 * the resource's path behind it, and without it where there is one resource. The documents are made once.
 *
 * @throws {Error} without `protectedResources`
 */
export function createHandler(config: Config): (event: unknown) => Promise<Answer> {
  const documents = documentsOf(config);
  return async (event) => {
    const { httpMethod, path, rawPath, requestContext } = Object(event) as Event;
    const [document] = resourcesAt(String(requestContext?.path ?? rawPath ?? path ?? "")).flatMap(
      (place) => documents.get(place) ?? [],
    );
    if (!document) return { statusCode: 404, headers: OPEN, body: "" };
    switch (requestContext?.http?.method ?? httpMethod) {
      case "GET":
        return document;
      case "HEAD":
        return { ...document, body: "" };
      case "OPTIONS":
        return { statusCode: 204, headers: PREFLIGHT, body: "" };
      default:
        return { statusCode: 405, headers: { ...OPEN, Allow: "GET, HEAD, OPTIONS" }, body: "" };
    }
  };
}

function documentsOf(config: Config): ReadonlyMap<string, Answer> {
  const { protectedResources: entries = [] } = config;
  const [first, ...others] = entries;
  if (!first) throw new Error("This function needs `protectedResources` in its configuration.");
  const documents = new Map<string, Answer>();
  for (const entry of entries) {
    const answer: Answer = {
      statusCode: 200,
      headers: { ...OPEN, "Content-Type": "application/json", "Cache-Control": cacheControl(entry.maxAge) },
      body: JSON.stringify(metadataOf(entry, config)),
    };
    documents.set(resourcePath(entry.resource), answer);
    // Clients that get no URL try this path last. Of several resources, none is the one that they mean.
    if (others.length === 0) documents.set("", answer);
  }
  return documents;
}

const cacheControl = (maxAge: number) => (maxAge === 0 ? "no-store" : `public, max-age=${maxAge}`);

/**
 * The paths of the resources that a path of metadata may be of; none for any other path. The well-known part is behind
 * the host, as RFC 9728 has it, or behind the stage or the base path: `/prod/.well-known/oauth-protected-resource/mcp` is
 * of `/prod/mcp` first, then of `/mcp`.
 */
function resourcesAt(path: string): string[] {
  const start = path.indexOf(WELL_KNOWN);
  if (start < 0) return [];
  const behind = path.slice(start + WELL_KNOWN.length).replace(/\/$/, "");
  return [path.slice(0, start) + behind, behind];
}

import { isObject } from "../../shared/domain/object/unknown-object.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import { HttpStatusError } from "../../shared/infrastructure/remote/fetch-bytes.ts";
import { type RemoteTimes, RemoteValue } from "../../shared/infrastructure/remote/remote-value.ts";
import { discoverAddress } from "../jwt/discovery.ts";
import type { AskedIssuer } from "./token-owner.ts";

/** Times of an address from a discovery document, in milliseconds. One that was found goes on serving. */
const ENDPOINT_TIMES = {
  timeout: 2500,
  maxAge: 86_400_000,
  staleIfError: Number.POSITIVE_INFINITY,
  budget: { size: 1, refill: 600_000 },
} as const satisfies RemoteTimes;

/** Where an issuer's introspection endpoint is. */
export interface Endpoint {
  /** @throws {TroubleError} `introspection_unavailable` */
  current(): Promise<string>;
  /** Looks for a new address, because nothing is at this one. */
  missed(error: unknown): void;
}

/** The endpoint of the configuration, or of the issuer's discovery document. Nothing is fetched before the first token. */
export function endpointOf(
  { issuer, introspection: { endpoint, client } }: AskedIssuer,
  fetch: typeof globalThis.fetch,
): Endpoint {
  if (endpoint !== undefined) return { current: async () => endpoint, missed: () => {} };
  const read = (document: Readonly<Record<string, unknown>>) => {
    const { mtls_endpoint_aliases: aliases, introspection_endpoint: usual } = document;
    // RFC 8705 section 5: a client with a certificate uses the alias, if there is one.
    return "tls" in client && isObject(aliases) ? (aliases.introspection_endpoint ?? usual) : usual;
  };
  const remote = new RemoteValue<{ readonly url: string }>(
    async (signal, known) => {
      const url = await discoverAddress(issuer, "introspection_endpoint", read, fetch, signal);
      return known?.url === url ? known : { url };
    },
    ENDPOINT_TIMES,
    "introspection_unavailable",
  );
  let isMissed = false;
  return {
    async current() {
      const known = await remote.current();
      if (!isMissed) return known.url;
      isMissed = false;
      const newer = await remote.newer(known).catch((error: unknown) => {
        if (error instanceof TroubleError) return known;
        throw error;
      });
      return newer.url;
    },
    missed(error) {
      isMissed ||= !(error instanceof HttpStatusError) || ["HTTP_404", "HTTP_405", "HTTP_410"].includes(error.code);
    },
  };
}

import { apiKeyProvider } from "../../providers/api-key/index.ts";
import type { KeyRecord } from "../../providers/api-key/record.ts";
import { introspectionProvider } from "../../providers/introspection/index.ts";
import { jwtProvider } from "../../providers/jwt/index.ts";
import type { Provider } from "../../providers/provider.ts";
import { createProviders } from "../../providers/registry.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { UnknownObject } from "../../shared/domain/object/unknown-object.ts";
import { parseStrictObject } from "../../shared/infrastructure/json/strict-json.ts";

/** The providers of a configuration, and what they read from elsewhere while they decided. */
export interface WatchedProviders {
  readonly providers: readonly Provider[];
  /** JSON documents of JWT issuers by their addresses: key sets, discovery documents, answers about tokens. */
  readonly fetched: ReadonlyMap<string, UnknownObject>;
  /** Records of API keys by their ids. */
  readonly records: ReadonlyMap<string, KeyRecord | undefined>;
}

/**
 * Explaining a one-time assertion or a DPoP proof does not use it up: the store records nothing and reports each as
 * unused.
 */
const openReplayStore = async () => ({ record: async () => true });

/** The providers as the authorizer has them, watched from outside. */
export function watchedProviders(config: Config): WatchedProviders {
  const fetched = new Map<string, UnknownObject>();
  const records = new Map<string, KeyRecord | undefined>();
  const confirming = { fetch: watchedFetch(fetched), dpop: config.dpop, openProofStore: openReplayStore };
  const watched: Readonly<Record<string, Provider | undefined>> = {
    jwt: config.jwt && jwtProvider(config.jwt, confirming),
    introspection: introspectionProvider(config, confirming),
    "api-key": config.apiKeys && apiKeyProvider(config.apiKeys, { openStore: (table) => watchedStore(table, records) }),
  };
  const providers = createProviders(config, { openReplayStore }).map((each) => watched[each.name] ?? each);
  return { providers, fetched, records };
}

/** Fetches as ever, and keeps what is JSON, as far as the provider reads it. */
function watchedFetch(fetched: Map<string, UnknownObject>): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await globalThis.fetch(input, init);
    if (response.status !== 200 || !response.body) return response;
    const chunks: Uint8Array[] = [];
    const watch = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        chunks.push(chunk);
        controller.enqueue(chunk);
      },
      flush() {
        const document = objectIn(Buffer.concat(chunks));
        if (document) fetched.set(String(input), document);
      },
    });
    return new Response(response.body.pipeThrough(watch));
  };
}

function objectIn(bytes: Uint8Array): UnknownObject | undefined {
  try {
    return parseStrictObject(bytes);
  } catch {
    return undefined;
  }
}

async function watchedStore(table: string, records: Map<string, KeyRecord | undefined>) {
  const { dynamoDbStore } = await import("../../providers/api-key/dynamodb-store.ts");
  const store = dynamoDbStore(table);
  return {
    ...store,
    async get(id: string, signal: AbortSignal) {
      const reading = await store.get(id, signal);
      records.set(id, reading.record);
      return reading;
    },
  };
}

import { introspectionProvider } from "../../../providers/introspection/index.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { configOf, requestFor } from "../../fixtures.ts";
import { AUDIENCE, ISSUER } from "../jwt/mint.ts";

export type Entry = NonNullable<SallyportConfig["jwt"]>["issuers"][number];
export type Introspection = NonNullable<Entry["introspection"]>;

export const ENDPOINT = `${ISSUER}/introspect`;
export const SECRET = "SALLYPORT_TEST_INTROSPECTION_SECRET";

/** A request that reached the server. */
export interface Asked {
  readonly url: string;
  readonly headers: Headers;
  readonly form: URLSearchParams;
  readonly redirect: string | undefined;
}

/** An introspection server whose answers a test decides, and what was asked of it. */
export class TokenServer {
  readonly asked: Asked[] = [];
  /** What the server says of a token: by default nothing but that it is not active. */
  answer: (token: string, asked: Asked) => Response | Promise<Response> = () => Response.json({ active: false });

  readonly fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const form = new URLSearchParams(String(init.body ?? ""));
    const asked = { url: String(url), headers: new Headers(init.headers), form, redirect: init.redirect };
    this.asked.push(asked);
    return this.answer(form.get("token") ?? "", asked);
  };

  /** Tokens that the server knows, with what it says of each. */
  know(tokens: Readonly<Record<string, object>>): void {
    this.answer = (token) =>
      Response.json(Object.hasOwn(tokens, token) ? { active: true, ...tokens[token] } : { active: false });
  }

  /** Answers every question alike. */
  say(body: object | string, status = 200): void {
    this.answer = () => (typeof body === "string" ? new Response(body, { status }) : Response.json(body, { status }));
  }

  fail(status: number): void {
    this.answer = () => new Response("", { status });
  }

  hang(): void {
    this.answer = () => new Promise(() => {});
  }

  get tokens(): string[] {
    return this.asked.map(({ form }) => form.get("token") ?? "");
  }
}

/** Claims of a server's answer about a user's token. */
export const USER = { iss: ISSUER, aud: AUDIENCE, sub: "alice", client_id: "web", scope: "orders:read" };

/** The configuration of an issuer whose opaque tokens are introspected. */
export function entryOf(introspection: Partial<Introspection> = {}, entry: Partial<Entry> = {}): Entry {
  return {
    issuer: ISSUER,
    audience: AUDIENCE,
    introspection: {
      endpoint: ENDPOINT,
      client: { clientId: "api", secret: { environment: SECRET } },
      ...introspection,
    },
    ...entry,
  } as Entry;
}

/** A provider that asks the server, and how it judges tokens. */
export function judgeBy(server: TokenServer, ...entries: readonly Entry[]) {
  const config = configOf({ jwt: { issuers: entries.length > 0 ? [...entries] : [entryOf()] } });
  const provider = introspectionProvider(config, { fetch: server.fetch });
  if (!provider) throw new Error("no provider");
  const verdictOn = (value: string, signal = new AbortController().signal) => {
    const credential = { scheme: "bearer", value, location: { in: "header", name: "authorization" } } as const;
    return provider.verify(credential, requestFor("GET", "/a", { time: Math.floor(Date.now() / 1000) }), signal);
  };
  /** The principal, or the reason. */
  const judge = async (value: string): Promise<Principal | string> => {
    const verdict = await verdictOn(value);
    return verdict.status === "authenticated" ? verdict.principal : verdict.reason;
  };
  const status = async (value: string): Promise<string> => {
    const judged = await judge(value);
    return typeof judged === "string" ? judged : "authenticated";
  };
  return { provider, verdictOn, judge, status };
}

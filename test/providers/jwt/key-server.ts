import { jwtProvider } from "../../../providers/jwt/index.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf, requestFor } from "../../fixtures.ts";
import { AUDIENCE, claims, ISSUER, mint, type SigningKey } from "./mint.ts";

type Entry = NonNullable<SallyportConfig["jwt"]>["issuers"][number];

/** A key server whose answers a test decides by path, and a provider that trusts it. */
export class KeyServer {
  readonly asked: string[] = [];
  readonly answers = new Map<string, () => Response | Promise<Response>>();

  readonly fetch = async (url: string | URL | Request): Promise<Response> => {
    const { pathname, origin } = new URL(String(url));
    const path = origin === ISSUER ? pathname : `${origin}${pathname}`;
    this.asked.push(path);
    return (await this.answers.get(path)?.()) ?? new Response("", { status: 404 });
  };

  publish(...keys: readonly SigningKey[]): void {
    this.answer("/keys", { keys: keys.map(({ jwk }) => jwk) });
  }

  answer(path: string, document: object): void {
    this.answers.set(path, () => Response.json(document));
  }

  fail(path: string, status = 503): void {
    this.answers.set(path, () => new Response("", { status }));
  }

  hang(path: string): void {
    this.answers.set(path, () => new Promise<Response>(() => {}));
  }

  /** A provider, and how it judges tokens: `authenticated`, or the reason. */
  provider(entry: Partial<Entry> = {}) {
    const { jwt } = configOf({
      jwt: { issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys: { jwksUri: `${ISSUER}/keys` }, ...entry }] },
    });
    if (!jwt) throw new Error("no section");
    const provider = jwtProvider(jwt, { fetch: this.fetch });
    const judgeText = async (value: string) => {
      const credential = { scheme: "bearer", value, location: { in: "header", name: "authorization" } } as const;
      const request = requestFor("GET", "/a", { time: Math.floor(Date.now() / 1000) });
      const verdict = await provider.verify(credential, request, new AbortController().signal);
      return "reason" in verdict ? verdict.reason : verdict.status;
    };
    const judge = (key: SigningKey, header: object = {}) => {
      const time = Math.floor(Date.now() / 1000);
      return judgeText(mint(key, claims({ iat: time, exp: time + 600 }), header));
    };
    return { judge, judgeText };
  }
}

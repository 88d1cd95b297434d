import { createHash } from "node:crypto";
import { jwtProvider } from "../../../providers/jwt/index.ts";
import type { Use } from "../../../providers/used-once.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import type { DpopRequest } from "../../../shared/domain/request/authorization-request.ts";
import type { Scheme } from "../../../shared/domain/request/credential.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import { AUDIENCE, claims, ecKey, ISSUER, mint, rsaKey, type SigningKey } from "../jwt/mint.ts";

type Config = NonNullable<SallyportConfig["dpop"]>;
type Entry = NonNullable<SallyportConfig["jwt"]>["issuers"][number];

export const ORIGIN = "https://api.example.com";
export const issuerKey = rsaKey();
export const clientKey = ecKey("client");
export const strangerKey = ecKey("stranger");

/** The public members of a key, as a proof has them. */
export function publicJwk({ publicKey }: SigningKey): Record<string, unknown> {
  return { ...publicKey.export({ format: "jwk" }) };
}

/** RFC 7638, by the letter of its section 3.1. */
export function thumbprintOf(key: SigningKey): string {
  const { crv, e, kty, n, x, y } = publicJwk(key);
  const members = kty === "RSA" ? { e, kty, n } : kty === "OKP" ? { crv, kty, x } : { crv, kty, x, y };
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}

export const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64url");

/** A token that is bound to the client's key, or to what `cnf` says. */
export const boundToken = (cnf: unknown = { jkt: thumbprintOf(clientKey) }, more: object = {}): string =>
  mint(issuerKey, claims({ ...(cnf !== undefined && { cnf }), ...more }));

export const plainToken = (): string => mint(issuerKey, claims());

let ids = 0;

/** What a proof may have other than a good one. An undefined member is left out. */
export interface ProofParts {
  readonly key?: SigningKey;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A proof for GET https://api.example.com/prod/whoami and a token. */
export function proofFor(
  token: string,
  { key = clientKey, header = {}, claims: changed = {} }: ProofParts = {},
): string {
  const payload = {
    ...{ jti: `proof-${ids++}`, htm: "GET", htu: `${ORIGIN}/prod/whoami`, iat: NOW, ath: hashOf(token) },
    ...changed,
  };
  return mint(key, payload, { typ: "dpop+jwt", jwk: publicJwk(key), kid: undefined, ...header });
}

/** A store of uses in memory, for all providers that are given it. */
export function memoryStore() {
  const keys = new Set<string>();
  const uses: Use[] = [];
  return {
    uses,
    record: async (use: Use) => {
      uses.push(use);
      const isFirst = !keys.has(use.key);
      keys.add(use.key);
      return isFirst;
    },
  };
}

type ProofStore = ReturnType<typeof memoryStore>;

/** A provider of JWTs with the section `dpop`, or without it for null. */
export function providerOf(
  dpop: Partial<Config> | null = {},
  {
    store = memoryStore(),
    entry = {},
    openProofStore = async () => store,
  }: { store?: ProofStore; entry?: Partial<Entry>; openProofStore?: () => Promise<ProofStore> } = {},
) {
  const keys = { jwks: { keys: [issuerKey.jwk] } } as unknown as Entry["keys"];
  const config = configOf({
    jwt: { issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys, ...entry }] },
    ...(dpop && { dpop: { origins: [ORIGIN], replayTable: "proofs", ...dpop } }),
  });
  if (!config.jwt) throw new Error("no section");
  return jwtProvider(config.jwt, { dpop: config.dpop, openProofStore });
}

const shared = providerOf();

/** A request to present a token with. */
export interface Presented {
  readonly scheme?: Scheme;
  readonly proofs?: readonly string[];
  /** What the event says of method and path; null: nothing. */
  readonly target?: Partial<DpopRequest> | null;
  readonly request?: Parameters<typeof requestFor>[2];
  readonly by?: ReturnType<typeof providerOf>;
}

/** Presents a token, by default with the scheme DPoP and a good proof; resolves with a principal or a reason. */
export async function present(token: string, options: Presented = {}) {
  const { scheme = "dpop", proofs = [proofFor(token)], target, request, by = shared } = options;
  const dpop = { proofs, method: "GET", path: "/prod/whoami", ...target };
  const credential = { scheme, value: token, location: { in: "header", name: "authorization" } } as const;
  const whole = requestFor("GET", "/whoami", { ...(scheme === "dpop" && target !== null && { dpop }), ...request });
  const verdict = await by.verify(credential, whole, new AbortController().signal);
  return verdict.status === "authenticated" ? verdict.principal : verdict.reason;
}

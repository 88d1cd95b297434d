import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { encryptAssertion } from "../../../../local/stage/saml/encryption.ts";
import { ASSERTION_ID, assertionXml, encodeXml, responseXml } from "../../../../local/stage/saml/identity-provider.ts";
import { createSigningIdentity, signXml } from "../../../../local/stage/saml/signing.ts";
import { generateApiKey } from "../../../../providers/api-key/format.ts";
import { hashApiKey } from "../../../../providers/api-key/hash.ts";
import { apiKeyProvider } from "../../../../providers/api-key/index.ts";
import type { KeyRecord } from "../../../../providers/api-key/record.ts";
import { jwtProvider } from "../../../../providers/jwt/index.ts";
import { createKeySource } from "../../../../providers/jwt/key-source.ts";
import type { Provider } from "../../../../providers/provider.ts";
import { signsTokens } from "../../../../shared/domain/config/jwt.ts";
import type { SecretSource } from "../../../../shared/domain/config/secret.ts";
import type { Scheme } from "../../../../shared/domain/request/credential.ts";
import { instantNow } from "../../../../shared/infrastructure/remote/elapsed.ts";
import { openSecret, SECRET_TIMES } from "../../../../shared/infrastructure/secret/open-secret.ts";
import { configOf, NOW, requestFor } from "../../../fixtures.ts";
import { AUDIENCE, ISSUER, mintHmac } from "../../../providers/jwt/mint.ts";
import { identity, OPTIONS, providerOf } from "../../../providers/saml/fixture.ts";
import { type Reply, type StandIn, startStandIn } from "./aws-stand-in.ts";

/** Secrets that are wrong, replaced or out of reach, in the store of parameters. */

let standIn: StandIn;
/** The parameter's value; undefined while the store fails. */
let stored: string | undefined;
beforeAll(async () => {
  standIn = await startStandIn((): Reply => {
    return stored === undefined
      ? { status: 400, body: { __type: "AccessDeniedException" } }
      : { body: { Parameter: { Value: stored }, Plaintext: Buffer.from(stored).toString("base64") } };
  });
  for (const service of ["KMS", "SSM"]) process.env[`AWS_ENDPOINT_URL_${service}`] = standIn.endpoint;
});
afterAll(() => standIn.close());

let before = 0;
beforeEach(() => {
  // Not Date: the SDK repeats a call when its clock is far from the server's.
  vi.useFakeTimers({ toFake: ["performance"] });
  before = standIn.calls.length;
});
afterEach(() => vi.useRealTimers());
const calls = () => standIn.calls.length - before;
const pass = (milliseconds: number) => vi.advanceTimersByTime(milliseconds);

const { size, refill } = SECRET_TIMES.budget;
const PARAMETER = { ssm: "/secret" };
const good = randomBytes(32).toString("hex");
const wrong = randomBytes(32).toString("hex");
const otherWrong = randomBytes(32).toString("hex");

const judgeBy = async (provider: Provider, value: string, scheme: Scheme) => {
  const credential = { scheme, value, location: { in: "header", name: "authorization" } } as const;
  const verdict = await provider.verify(credential, requestFor("GET", "/a"), new AbortController().signal);
  return verdict.status === "authenticated" ? verdict.status : verdict.reason;
};

/** A provider with one secret, and a credential that only the good secret accepts. */
interface Case {
  readonly good: string;
  readonly wrong: string;
  readonly unusable: string;
  readonly mismatch: string;
  judge(source?: SecretSource): () => Promise<string>;
}

const jwtCase: Case = {
  ...{ good, wrong, unusable: "short", mismatch: "token_signature_invalid" },
  judge(source = PARAMETER) {
    const { jwt } = configOf({
      jwt: { issuers: [{ issuer: ISSUER, audience: AUDIENCE, algorithms: ["HS256"], keys: { secret: source } }] },
    });
    const provider = jwt && jwtProvider(jwt);
    if (!provider) throw new Error("no section");
    return () => judgeBy(provider, mintHmac(good), "bearer");
  },
};

const apiKeyCase: Case = {
  ...{ good, wrong, unusable: "too short", mismatch: "key_mismatch" },
  judge(source = PARAMETER) {
    const { apiKeys } = configOf({ apiKeys: { table: "keys", peppers: [{ id: "p1", secret: source }] } });
    if (!apiKeys) throw new Error("no section");
    const { id, text } = generateApiKey("sp", "live");
    const hash = hashApiKey(text, createSecretKey(Buffer.from(good)));
    const record: KeyRecord = {
      ...{ id, name: "Partner", hash, pepper: "p1", environment: "live", status: "active", createdAt: NOW },
      ...{ scopes: [], roles: [], attributes: {} },
    };
    const store = { get: async () => ({ record, readAt: instantNow() }) };
    const provider = apiKeyProvider(apiKeys, { openStore: async () => store });
    return () => judgeBy(provider, text, "api-key");
  },
};

const ours = await createSigningIdentity();
const locked = encryptAssertion(signXml(assertionXml(OPTIONS), ASSERTION_ID, identity), ours.certificate);
const samlCase: Case = {
  good: ours.privateKey,
  wrong: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  }) as string,
  unusable: ours.privateKey.slice(0, 200),
  mismatch: "assertion_decryption_failed",
  judge(source = PARAMETER) {
    const provider = providerOf({}, { decryption: { keys: [source] } });
    return () => judgeBy(provider, encodeXml(responseXml(OPTIONS, locked), "deflate"), "saml");
  },
};

describe.each([
  ["the secret of an issuer", jwtCase],
  ["a pepper of API keys", apiKeyCase],
  ["a private key for assertions", samlCase],
])("%s", (_what, { judge: judgeWith, ...values }) => {
  test("that was wrong at first is right as soon as it is corrected", async () => {
    stored = values.wrong;
    const judge = judgeWith();
    expect(await judge()).toBe(values.mismatch);
    stored = values.good;
    expect(await judge()).toBe("authenticated");
  });

  test("is read again after mismatches at a limited rate", async () => {
    stored = values.wrong;
    const judge = judgeWith();
    for (let index = 0; index < 20; index++) expect(await judge()).toBe(values.mismatch);
    expect(calls()).toBe(1 + size);
    stored = values.good;
    pass(refill - 1);
    expect(await judge()).toBe(values.mismatch);
    pass(1);
    expect(await judge()).toBe("authenticated");
  });

  test("is not read again while it matches", async () => {
    stored = values.good;
    const judge = judgeWith();
    for (let index = 0; index < 5; index++) expect(await judge()).toBe("authenticated");
    pass(86_400_000);
    expect(await judge()).toBe("authenticated");
    expect(calls()).toBe(1);
  });

  test.each<[string, SecretSource]>([
    ["in a parameter", PARAMETER],
    ["in a ciphertext", { kms: Buffer.from("sealed").toString("base64") }],
  ])("that cannot be used is not kept: %s", async (_where, source) => {
    stored = values.unusable;
    const judge = judgeWith(source);
    expect(await judge()).toBe("secret_unavailable");
    stored = values.good;
    pass(500);
    expect(await judge()).toBe("authenticated");
  });

  test("that cannot be used does not replace one that can", async () => {
    stored = values.good;
    const judge = judgeWith();
    expect(await judge()).toBe("authenticated");
    stored = values.unusable;
    expect(await judge()).toBe("authenticated");
  });

  test("that cannot be read is asked for with a pause, and not by each request", async () => {
    stored = undefined;
    const judge = judgeWith();
    for (let index = 0; index < 20; index++) expect(await judge()).toBe("secret_unavailable");
    expect(calls()).toBe(1);
    stored = values.good;
    pass(500);
    expect(await judge()).toBe("authenticated");
  });

  test("that does not match is undecided while the store fails", async () => {
    stored = values.wrong;
    const judge = judgeWith();
    expect(await judge()).toBe(values.mismatch);
    stored = undefined;
    expect(await judge()).toBe("secret_unavailable");
  });

  test("in a KMS ciphertext is decrypted once: it cannot have changed", async () => {
    stored = values.wrong;
    const judge = judgeWith({ kms: Buffer.from("sealed").toString("base64") });
    for (let index = 0; index < 5; index++) expect(await judge()).toBe(values.mismatch);
    expect(calls()).toBe(1);
  });
});

test("a pepper that was wrong, and is replaced by another wrong one, accepts no key", async () => {
  stored = wrong;
  const judge = apiKeyCase.judge();
  expect(await judge()).toBe(apiKeyCase.mismatch);
  stored = otherWrong;
  expect(await judge()).toBe(apiKeyCase.mismatch);
  expect(calls()).toBe(3);
});

describe("a newer secret", () => {
  const read = (bytes: Uint8Array): KeyObject => createSecretKey(bytes);

  test("is the known key itself, if the secret has not changed", async () => {
    stored = good;
    const secret = openSecret(PARAMETER, read);
    const known = await secret.current();
    expect(await secret.newer(known)).toBe(known);
    stored = wrong;
    expect((await secret.newer(known)).export().toString()).toBe(wrong);
  });

  test("does not show the value that cannot be used", async () => {
    stored = good;
    const secret = openSecret(PARAMETER, () => undefined);
    const error = await secret.current().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: "secret_unavailable", cause: new Error("the secret is too short") });
  });
});

describe("a secret for several algorithms", () => {
  test("that is long enough for one serves that one, and is trouble for the others", async () => {
    stored = "x".repeat(40);
    const algorithms = ["HS256", "HS512"] as const;
    const entry = { issuer: ISSUER, audience: AUDIENCE, algorithms: [...algorithms], keys: { secret: PARAMETER } };
    const { jwt } = configOf({ jwt: { issuers: [entry] } });
    const provider = jwt && jwtProvider(jwt);
    if (!provider) throw new Error("no section");
    expect(await judgeBy(provider, mintHmac(stored), "bearer")).toBe("authenticated");
    const longer = mintHmac("x".repeat(64), undefined, { alg: "HS512" });
    expect(await judgeBy(provider, longer, "bearer")).toBe("secret_unavailable");
  });

  test("that is too short for a token's algorithm is asked for again, and serves as soon as it is long enough", async () => {
    stored = "x".repeat(40);
    const entry = { issuer: ISSUER, audience: AUDIENCE, algorithms: ["HS256" as const, "HS512" as const] };
    const [issuer] = configOf({ jwt: { issuers: [{ ...entry, keys: { secret: PARAMETER } }] } }).jwt?.issuers ?? [];
    if (!issuer || !signsTokens(issuer)) throw new Error("no issuer");
    const source = createKeySource(issuer, fetch);
    expect(await source.find(undefined, "HS256")).toHaveLength(1);
    stored = "y".repeat(64);
    const keys = await source.find(undefined, "HS512");
    expect(keys.map((key) => key.export().toString())).toEqual([stored]);
    expect(calls()).toBe(2);
  });

  test("that has become too short for a token's algorithm verifies none of its tokens", async () => {
    stored = "x".repeat(64);
    const entry = { issuer: ISSUER, audience: AUDIENCE, algorithms: ["HS256" as const, "HS512" as const] };
    const { jwt } = configOf({ jwt: { issuers: [{ ...entry, keys: { secret: PARAMETER } }] } });
    const provider = jwt && jwtProvider(jwt);
    if (!provider) throw new Error("no section");
    const tokenBy = (secret: string) => mintHmac(secret, undefined, { alg: "HS512" });
    expect(await judgeBy(provider, tokenBy(stored), "bearer")).toBe("authenticated");
    stored = "y".repeat(40);
    expect(await judgeBy(provider, tokenBy(stored), "bearer")).toBe("token_signature_invalid");
    expect(await judgeBy(provider, tokenBy(stored), "bearer")).toBe("secret_unavailable");
  });
});

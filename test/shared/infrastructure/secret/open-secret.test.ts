import { createSecretKey, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { jwtProvider } from "../../../../providers/jwt/index.ts";
import type { SecretSource } from "../../../../shared/domain/config/secret.ts";
import { openSecret } from "../../../../shared/infrastructure/secret/open-secret.ts";
import { configOf, requestFor } from "../../../fixtures.ts";
import { AUDIENCE, ISSUER, mintHmac } from "../../../providers/jwt/mint.ts";
import { type Call, type Reply, type StandIn, startStandIn } from "./aws-stand-in.ts";

/** Secrets through the real SDK clients, with fake AWS services on loopback. */

let reply: (call: Call) => Reply;
let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn((call) => reply(call));
  for (const service of ["KMS", "SSM", "SECRETS_MANAGER"])
    process.env[`AWS_ENDPOINT_URL_${service}`] = standIn.endpoint;
});
afterAll(() => standIn.close());

const secret = randomBytes(32).toString("hex");
let before = 0;
beforeEach(() => {
  before = standIn.calls.length;
});
const calls = () => standIn.calls.slice(before);

const keyOf = (source: SecretSource) => openSecret(source, (bytes) => createSecretKey(bytes)).current();
const textOf = async (source: SecretSource) => (await keyOf(source)).export().toString();
const failing = (status = 400): Reply => ({ status, body: { __type: "AccessDeniedException", message: secret } });

describe("a secret is opened", () => {
  test("by KMS with its encryption context", async () => {
    reply = () => ({ body: { Plaintext: Buffer.from(secret).toString("base64"), KeyId: "key" } });
    const kms = Buffer.from("ciphertext").toString("base64");
    expect(await textOf({ kms, encryptionContext: { use: "jwt" } })).toBe(secret);
    expect(calls()).toEqual([
      { operation: "TrentService.Decrypt", input: { CiphertextBlob: kms, EncryptionContext: { use: "jwt" } } },
    ]);
  });

  test("from an SSM parameter, decrypted", async () => {
    reply = () => ({ body: { Parameter: { Name: "/pepper", Value: secret } } });
    expect(await textOf({ ssm: "/pepper" })).toBe(secret);
    expect(calls()).toEqual([
      { operation: "AmazonSSM.GetParameter", input: { Name: "/pepper", WithDecryption: true } },
    ]);
  });

  test("from Secrets Manager, as a whole or one field", async () => {
    reply = () => ({ body: { SecretString: JSON.stringify({ pepper: secret }) } });
    expect(await textOf({ secretsManager: "pepper" })).toBe(JSON.stringify({ pepper: secret }));
    expect(await textOf({ secretsManager: "pepper", field: "pepper" })).toBe(secret);
    expect(calls()[0]).toEqual({ operation: "secretsmanager.GetSecretValue", input: { SecretId: "pepper" } });
  });

  test("from an environment variable", async () => {
    process.env.TEST_SECRET = secret;
    expect(await textOf({ environment: "TEST_SECRET" })).toBe(secret);
    expect(calls()).toEqual([]);
  });

  test.each(["constructor", "toString", "valueOf", "__proto__"])(
    "but not from a variable named %s that is not set: every object has such a member",
    async (environment) => {
      await expect(keyOf({ environment })).rejects.toThrow("secret_unavailable");
    },
  );

  test("once for concurrent callers", async () => {
    reply = () => ({ body: { Parameter: { Value: secret } } });
    const once = openSecret({ ssm: "/once" }, (bytes) => createSecretKey(bytes));
    const keys = await Promise.all([once.current(), once.current(), once.current()]);
    expect(new Set([...keys, await once.current()]).size).toBe(1);
    expect(calls()).toHaveLength(1);
  });
});

describe("opening a secret fails", () => {
  test.each<[string, SecretSource, () => Reply]>([
    ["the service refuses", { ssm: "/refused" }, () => failing()],
    ["the service is broken", { kms: "AAAA" }, () => failing(500)],
    ["the parameter has no value", { ssm: "/none" }, () => ({ body: { Parameter: {} } })],
    ["the secret is binary", { secretsManager: "binary" }, () => ({ body: { SecretBinary: "AAAA" } })],
    ["the secret is empty", { secretsManager: "empty" }, () => ({ body: { SecretString: "" } })],
    ["the field is missing", { secretsManager: "a", field: "b" }, () => ({ body: { SecretString: "{}" } })],
    ["the field is not a text", { secretsManager: "a", field: "b" }, () => ({ body: { SecretString: '{"b":1}' } })],
    ["it has no fields", { secretsManager: "a", field: "b" }, () => ({ body: { SecretString: "not json" } })],
    ["the variable is not set", { environment: "TEST_NOT_SET" }, () => failing()],
  ])("because %s", async (_, source, answer) => {
    reply = answer;
    const error = await keyOf(source).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "TroubleError", message: "secret_unavailable" });
  });
});

test.each(["hunter2", '{"pepper":hunter2}', '{"pepper":"a"} hunter2'])(
  "the cause of a secret without fields, %j, repeats nothing of it",
  async (SecretString) => {
    reply = () => ({ body: { SecretString } });
    const error = await keyOf({ secretsManager: "a", field: "b" }).catch((thrown: unknown) => thrown);
    expect(error).toHaveProperty("cause.message", "the secret is no JSON object, and so has no fields");
    expect(inspect(error, { depth: 9 })).not.toContain("hunt");
  },
);

describe("a JWT signed with a secret from KMS", () => {
  const verify = async (token: string) => {
    const { jwt } = configOf({
      jwt: {
        issuers: [
          {
            issuer: ISSUER,
            audience: AUDIENCE,
            algorithms: ["HS256"],
            keys: { secret: { kms: Buffer.from("sealed").toString("base64") } },
          },
        ],
      },
    });
    if (!jwt) throw new Error("no section");
    const credential = { scheme: "bearer", value: token, location: { in: "header", name: "authorization" } } as const;
    return jwtProvider(jwt).verify(credential, requestFor("GET", "/a"), new AbortController().signal);
  };

  test("is accepted", async () => {
    reply = () => ({ body: { Plaintext: Buffer.from(secret).toString("base64") } });
    expect(await verify(mintHmac(secret))).toMatchObject({ status: "authenticated", principal: { subject: "alice" } });
  });

  test("with another secret is refused", async () => {
    reply = () => ({ body: { Plaintext: Buffer.from(secret).toString("base64") } });
    expect(await verify(mintHmac(randomBytes(32)))).toEqual({ status: "rejected", reason: "token_signature_invalid" });
  });

  test("is unavailable while KMS fails", async () => {
    reply = () => failing(500);
    expect(await verify(mintHmac(secret))).toMatchObject({ status: "unavailable", reason: "secret_unavailable" });
  });
});

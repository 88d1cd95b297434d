import { createHash, createPublicKey, generateKeyPairSync, type JsonWebKey, verify } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { NOW } from "../fixtures.ts";
import { boundToken, hashOf, ORIGIN, plainToken, present, providerOf } from "../providers/confirmation/fixture.ts";
import { inProcess } from "./in-process.ts";

/** `sallyport dpop`: the proof that it prints is one that the authorizer accepts, and the private key stays where it is. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-dpop-"));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  return () => vi.useRealTimers();
});

const URL_ = `${ORIGIN}/prod/whoami`;
const REQUEST = ["--method", "GET", "--url", URL_];
let files = 0;
const newFile = () => join(folder, `key-${files++}.json`);

/** Runs the command; with the proof, its parts, and the thumbprint that was told. */
async function proofBy(...argv: string[]) {
  const outcome = await inProcess(["dpop", ...REQUEST, ...argv]);
  const [, proof = ""] = /^DPoP: (\S+)\n$/.exec(outcome.stdout) ?? [];
  const [header = {}, claims = {}] = proof
    .split(".")
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString() || "{}"));
  const [, thumbprint = ""] = /The thumbprint of the key is ([\w-]{43})\./.exec(outcome.stderr) ?? [];
  return { ...outcome, proof, header, claims, thumbprint };
}

test("prints a proof that the authorizer accepts with a token that is bound to the key", async () => {
  const file = newFile();
  const { thumbprint } = await proofBy("--key", file, "--new-key");
  const token = boundToken({ jkt: thumbprint });
  const { proof, stderr } = await proofBy("--key", file, "--token", token);
  expect(await present(token, { proofs: [proof], by: providerOf() })).toMatchObject({ confirmation: ["dpop"] });
  expect(stderr).not.toContain("another key");
});

test("has a new jti each time, the claims of RFC 9449, and a nonce if there is one", async () => {
  const token = plainToken();
  const [one, other] = [await proofBy("--token", token), await proofBy("--token", token, "--nonce", "n0nce")];
  expect(one.claims).toEqual({ jti: expect.any(String), htm: "GET", htu: URL_, iat: NOW, ath: hashOf(token) });
  expect(other.claims).toMatchObject({ nonce: "n0nce" });
  expect(one.claims.jti).not.toBe(other.claims.jti);
  expect(one.header).toMatchObject({ typ: "dpop+jwt", alg: "ES256" });
});

test("leaves out query and fragment, and writes the method in capital letters", async () => {
  const { stdout } = await inProcess(["dpop", "--method", "post", "--url", `${URL_}?a=1#b`]);
  const claims = JSON.parse(Buffer.from(stdout.split(".")[1] ?? "", "base64url").toString());
  expect(claims).toMatchObject({ htm: "POST", htu: URL_ });
  expect(claims).not.toHaveProperty("ath");
});

test.each([
  ["--token", "-", (token: string) => `${token}\n`],
  ["--token", "-", (token: string) => `Authorization: DPoP ${token}\n`],
])("reads a token from standard input: %s %s", async (option, value, inputOf) => {
  const token = plainToken();
  const { stdout } = await inProcess(["dpop", ...REQUEST, option, value], { input: inputOf(token) });
  expect(JSON.parse(Buffer.from(stdout.split(".")[1] ?? "", "base64url").toString()).ath).toBe(hashOf(token));
});

describe("the key", () => {
  test("is made on wish alone, for its owner alone, and never replaced", async () => {
    const file = newFile();
    expect(await proofBy("--key", file)).toMatchObject({ code: 1, stdout: "" });
    await proofBy("--key", file, "--new-key");
    const kept = await readFile(file, "utf8");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await proofBy("--key", file, "--new-key")).toMatchObject({ code: 1, stdout: "" });
    expect(await readFile(file, "utf8")).toBe(kept);
  });

  test("is never printed: neither what is private of it, nor what a damaged file has", async () => {
    const file = newFile();
    const made = await proofBy("--key", file, "--new-key");
    const { d } = JSON.parse(await readFile(file, "utf8")) as { d: string };
    const used = await proofBy("--key", file);
    for (const { stdout, stderr, header } of [made, used]) {
      expect(stdout + stderr).not.toContain(d);
      expect(Object.keys(header.jwk).sort()).toEqual(["crv", "kty", "x", "y"]);
    }
    for (const text of [
      "the-private-secret",
      '{"kty":"EC","d":"the-private-secret"}',
      '{"kty":"oct","k":"c2VjcmV0"}',
    ]) {
      await writeFile(file, text);
      const { code, stdout, stderr } = await proofBy("--key", file);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^The file of --key has no private key of RSA/);
      expect(stderr).not.toMatch(/the-private-secret|c2VjcmV0/);
    }
    await chmod(file, 0o600);
  });

  const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve }).privateKey;
  test.each([
    ["P-384 as PEM", "ES384", ec("P-384").export({ type: "pkcs8", format: "pem" }), "sha384"],
    ["P-521 as JWK", "ES512", JSON.stringify(ec("P-521").export({ format: "jwk" })), "sha512"],
    [
      "Ed25519 as PEM",
      "EdDSA",
      generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }),
      null,
    ],
  ])("may be of %s", async (_kind, alg, text, hash) => {
    const file = newFile();
    await writeFile(file, text);
    const { header, proof } = await proofBy("--key", file);
    expect(header.alg).toBe(alg);
    const key = createPublicKey({ key: header.jwk as JsonWebKey, format: "jwk" });
    const [signed, signature = ""] = [proof.slice(0, proof.lastIndexOf(".")), proof.split(".")[2]];
    const given = hash === null ? key : ({ key, dsaEncoding: "ieee-p1363" } as const);
    expect(verify(hash, Buffer.from(signed), given, Buffer.from(signature, "base64url"))).toBe(true);
  });

  test("of RSA has the algorithm that its JWK says, or else PS256", async () => {
    const file = newFile();
    const jwk = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
    await writeFile(file, JSON.stringify(jwk));
    expect((await proofBy("--key", file)).header.alg).toBe("PS256");
    await writeFile(file, JSON.stringify({ ...jwk, alg: "RS256" }));
    expect((await proofBy("--key", file)).header.alg).toBe("RS256");
    await writeFile(file, JSON.stringify({ ...jwk, alg: "ES256" }));
    expect(await proofBy("--key", file)).toMatchObject({ code: 1, stdout: "" });
  });
});

test.each([
  ["another key", { jkt: createHash("sha256").update("x").digest("base64url") }],
  ["none", undefined],
])("says that a token is bound to %s", async (_what, cnf) => {
  const { code, stderr } = await proofBy("--token", cnf ? boundToken(cnf) : plainToken());
  expect(code).toBe(0);
  expect(stderr).toContain("The token is bound to another key, or to none");
});

test("says nothing of what an opaque token is bound to, and prints no token", async () => {
  const { stdout, stderr } = await proofBy("--token", "opaque-token-of-somebody");
  expect(stderr).not.toContain("another key");
  expect(stdout + stderr).not.toContain("opaque-token");
});

test.each([
  [["--method", "GET"], "--url is missing."],
  [["--url", URL_], "--method is missing."],
  [["--method", "G T", "--url", URL_], "--method takes an HTTP method, such as GET."],
  [["--method", "GET", "--url", "/whoami"], "--url takes an http or https URL without user information."],
  [["--method", "GET", "--url", "ftp://h/p"], "--url takes an http or https URL without user information."],
  [["--method", "GET", "--url", "https://u:p@h/p"], "--url takes an http or https URL without user information."],
  [[...REQUEST, "--nonce", "two words"], "--nonce takes the value of a header DPoP-Nonce."],
  [[...REQUEST, "--token", "two tokens"], "--token takes one token."],
  [[...REQUEST, "--token", "-"], "--token takes one token."],
  [[...REQUEST, "--new-key"], "--new-key needs --key FILE, in which the key is kept."],
])("%j is a wrong call", async (argv, message) => {
  const { code, stdout, stderr } = await inProcess(["dpop", ...argv]);
  expect([code, stdout, stderr.split("\n")[0]]).toEqual([2, "", message]);
});

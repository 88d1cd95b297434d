import { createHash, X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { createSigningIdentity } from "../../../local/stage/saml/signing.ts";
import type { CacheKey } from "../../../shared/domain/request/cache-key.ts";
import { boundToken, clientKey, plainToken, present, proofFor, providerOf, thumbprintOf } from "./fixture.ts";

let pem: string;
let otherPem: string;
let token: string;
const thumbprint = (certificate: string) =>
  createHash("sha256").update(new X509Certificate(certificate).raw).digest("base64url");

beforeAll(async () => {
  [pem, otherPem] = [(await createSigningIdentity()).certificate, (await createSigningIdentity()).certificate];
  token = boundToken({ "x5t#S256": thumbprint(pem) });
});

const bearer = (value: string, clientCertificate?: string, cache?: CacheKey) =>
  present(value, {
    scheme: "bearer",
    by: providerOf(null),
    request: { ...(clientCertificate !== undefined && { clientCertificate }), cache },
  });

describe("a token that is bound to a client certificate", () => {
  test("is accepted from a client with this certificate, for each request anew", async () => {
    expect(await bearer(token, pem)).toMatchObject({ subject: "alice", confirmation: ["mtls"] });
    expect(await bearer(token)).toBe("token_certificate_missing");
    expect(await bearer(token, otherPem)).toBe("token_certificate_mismatch");
  });

  test("is confirmed although the token is known", async () => {
    const by = providerOf(null);
    const options = { scheme: "bearer", by } as const;
    expect(await present(token, { ...options, request: { clientCertificate: pem } })).toHaveProperty("confirmation");
    expect(await present(token, { ...options, request: { clientCertificate: otherPem } })).toBe(
      "token_certificate_mismatch",
    );
    expect(await present(token, options)).toBe("token_certificate_missing");
  });

  test("is compared with the first certificate of a chain, which is the client's", async () => {
    expect(await bearer(token, `${pem}\n${otherPem}`)).toHaveProperty("confirmation");
    expect(await bearer(token, `${otherPem}\n${pem}`)).toBe("token_certificate_mismatch");
  });

  test("is trouble if API Gateway's certificate cannot be read", async () => {
    expect(await bearer(token, "-----BEGIN CERTIFICATE-----")).toBe("event_not_supported");
  });

  test("is refused with the scheme DPoP", async () => {
    const proofs = [proofFor(token)];
    expect(await present(token, { proofs, request: { clientCertificate: pem } })).toBe("dpop_token_unbound");
  });

  test.each<[string, CacheKey]>([
    ["by a header", { headers: ["authorization"] }],
    ["by values that the certificate is not said to be among", { values: ["x"] }],
  ])("is refused if the answer is cached %s", async (_how, cache) => {
    expect(await bearer(token, pem, cache)).toBe("token_confirmation_cached");
  });

  test("is accepted if the certificate is in the key of the cache", async () => {
    const certificate = true;
    expect(await bearer(token, pem, { headers: ["authorization"], certificate })).toHaveProperty("confirmation");
    expect(await bearer(token, pem, { certificate, values: ["x", pem] })).toHaveProperty("confirmation");
    expect(await bearer(token, pem, { certificate, values: ["x", otherPem] })).toBe("token_confirmation_cached");
    expect(await bearer(token, pem, { certificate, values: `x,${pem}` })).toBe("token_confirmation_cached");
    expect(await bearer(token, undefined, { certificate })).toBe("token_confirmation_cached");
  });
});

describe("a token that is bound to a certificate and to a DPoP key", () => {
  const both = () => boundToken({ "x5t#S256": thumbprint(pem), jkt: thumbprintOf(clientKey) });

  test("needs both", async () => {
    const value = both();
    expect(await present(value, { request: { clientCertificate: pem } })).toHaveProperty("confirmation", [
      "mtls",
      "dpop",
    ]);
    expect(await present(value)).toBe("token_certificate_missing");
    expect(await present(value, { request: { clientCertificate: otherPem } })).toBe("token_certificate_mismatch");
    expect(await present(value, { proofs: [], request: { clientCertificate: pem } })).toBe("dpop_proof_missing");
    expect(await bearer(value, pem)).toBe("token_confirmation_unsupported");
  });

  test("is never cached", async () => {
    const cache = { headers: ["authorization"], certificate: true as const };
    expect(await present(both(), { request: { clientCertificate: pem, cache } })).toBe("token_confirmation_cached");
  });
});

describe("refused is a token whose cnf", () => {
  test.each<[string, unknown]>([
    ["is null", null],
    ["is a text", "x"],
    ["is a list", [{ jkt: thumbprintOf(clientKey) }]],
    ["is empty", {}],
    ["has a member that is not known", { kid: "1" }],
    ["has such a member beside a known one", { jkt: thumbprintOf(clientKey), jwk: {} }],
    ["has a hash that is a number", { jkt: 1 }],
    ["has a hash that is null", { jkt: thumbprintOf(clientKey), "x5t#S256": null }],
    ["has a hash that is too short", { jkt: thumbprintOf(clientKey).slice(1) }],
    ["has a hash in base64", { jkt: `${thumbprintOf(clientKey)}=` }],
  ])("%s", async (_title, cnf) => {
    expect(await present(boundToken(cnf))).toBe("token_confirmation_unsupported");
    expect(await present(boundToken(cnf), { scheme: "bearer" })).toBe("token_confirmation_unsupported");
  });
});

describe("an entry with senderConstrained", () => {
  const judged = async (senderConstrained: "any" | "mtls" | "dpop") => {
    const by = providerOf({}, { entry: { senderConstrained } });
    const jkt = boundToken();
    return {
      plain: await present(plainToken(), { by, scheme: "bearer" }),
      mtls: await present(token, { by, scheme: "bearer", request: { clientCertificate: pem } }),
      dpop: await present(jkt, { by }),
    };
  };
  const accepted = expect.objectContaining({ subject: "alice" });
  const missing = "token_confirmation_missing";

  test("any refuses tokens that are not bound", async () => {
    expect(await judged("any")).toEqual({ plain: missing, mtls: accepted, dpop: accepted });
  });

  test("mtls refuses all but tokens that are bound to a certificate", async () => {
    expect(await judged("mtls")).toEqual({ plain: missing, mtls: accepted, dpop: missing });
  });

  test("dpop refuses all but tokens that are bound to a DPoP key", async () => {
    expect(await judged("dpop")).toEqual({ plain: missing, mtls: missing, dpop: accepted });
  });
});

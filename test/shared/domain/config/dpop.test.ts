import { describe, expect, test } from "vitest";
import type { SallyportConfig } from "../../../../shared/domain/config/schema.ts";
import { configOf } from "../../../fixtures.ts";

const DPOP = { origins: ["https://api.example.com"], replayTable: "proofs" };
const read = (dpop: object) => configOf({ dpop: dpop as NonNullable<SallyportConfig["dpop"]> }).dpop;

test("the section has defaults for everything but origins and table", () => {
  expect(read(DPOP)).toEqual({
    ...DPOP,
    algorithms: ["ES256", "ES384", "ES512", "EdDSA", "Ed25519", "PS256", "RS256"],
    maxAge: 60,
    clockTolerance: 30,
  });
  expect(configOf().dpop).toBeUndefined();
});

test.each(["origins", "replayTable"])("says that %s is missing", (name) => {
  expect(() => read({ ...DPOP, [name]: undefined })).toThrow(`dpop.${name}`);
});

describe("an origin", () => {
  test.each([
    "https://api.example.com",
    "https://api.example.com:8443",
    "http://127.0.0.1:4000",
    "https://[2001:db8::1]",
  ])("is %s", (origin) => {
    expect(read({ ...DPOP, origins: [origin] })).toHaveProperty("origins", [origin]);
  });

  test.each([
    ["with a path", "https://api.example.com/v1"],
    ["with a slash at the end, which is a path", "https://api.example.com/"],
    ["with the default port, which clients leave out", "https://api.example.com:443"],
    ["in capital letters", "https://API.example.com"],
    ["of http, but on loopback", "http://api.example.com"],
    ["with user information", "https://user@api.example.com"],
    ["with a wildcard", "https://*.example.com"],
    ["that is a host", "api.example.com"],
    ["that is empty", ""],
  ])("is none %s", (_title, origin) => {
    expect(() => read({ ...DPOP, origins: [origin] })).toThrow("dpop.origins[0]");
  });

  test("is there at least once", () => {
    expect(() => read({ ...DPOP, origins: [] })).toThrow("dpop.origins");
  });
});

test.each([
  ["algorithms", ["HS256"]],
  ["algorithms", ["none"]],
  ["algorithms", []],
  ["maxAge", 0],
  ["maxAge", 601],
  ["clockTolerance", 301],
  ["clockTolerance", -1],
])("refuses %s of %j", (name, value) => {
  expect(() => read({ ...DPOP, [name]: value })).toThrow(`dpop.${name}`);
});

describe("nonces", () => {
  const secret = { secretsManager: "sallyport/dpop-nonce" };

  test("are not asked for by default, and are given out for 300 seconds", () => {
    expect(read(DPOP)).not.toHaveProperty("nonce");
    expect(read({ ...DPOP, nonce: { secret } })).toHaveProperty("nonce", { secret, lifetime: 300 });
  });

  test.each([
    ["nonce", true],
    ["nonce.secret", {}],
    ["nonce.secret", { secret: "s3cret-of-the-nonces" }],
    ["nonce.lifetime", { secret, lifetime: 29 }],
    ["nonce.lifetime", { secret, lifetime: 3601 }],
    ["nonce.lifetime", { secret, lifetime: 60.5 }],
    ["nonce.secrets", { secret, secrets: [] }],
  ])("have a mistake in %s of %j", (path, nonce) => {
    expect(() => read({ ...DPOP, nonce })).toThrow(`dpop.${path}`);
    expect(() => read({ ...DPOP, nonce })).not.toThrow("s3cret");
  });
});

test("an issuer whose tokens must be bound to a DPoP key needs the section", () => {
  const jwt = { issuers: [{ issuer: "https://id.example.com", senderConstrained: "dpop" as const }] };
  expect(() => configOf({ jwt })).toThrow(/dpop: found nothing, allowed: origins and replayTable/);
  expect(configOf({ jwt, dpop: DPOP }).jwt?.issuers[0]?.senderConstrained).toBe("dpop");
});

test("a denying rule cannot ask for a bound credential: whoever has none would escape it", () => {
  const rule = { name: "r", methods: ["GET" as const], paths: ["/a"], senderConstrained: "any" as const };
  expect(() => configOf({ routes: [{ ...rule, effect: "deny" }] })).toThrow(
    "`senderConstrained` with an allowing rule",
  );
  expect(configOf({ routes: [rule] }).routes[0]).toHaveProperty("senderConstrained", "any");
});

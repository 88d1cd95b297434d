import type { Random } from "./random.ts";
import type { ModelPrincipal } from "./types.ts";

export const CONTEXTS = ["low", "high"];
export const METHODS = ["pwd", "otp", "hwk"];
export const SCOPES = ["read", "write", "admin"];
export const ROLES = ["auditor", "operator", "owner"];
export const TENANTS = ["acme", "beta"];
export const ADDRESSES = ["203.0.113.7", "203.0.113.8", "198.51.100.1", "10.1.2.3", "2001:db8::1", "2001:db8:1::5"];
export const RANGES = [
  "203.0.113.7",
  "203.0.113.7/32",
  "203.0.113.0/24",
  "203.0.113.0/29",
  "203.0.0.0/8",
  "198.51.100.0/24",
  "10.0.0.0/8",
  "10.1.2.0/23",
  "0.0.0.0/0",
  "2001:db8::/32",
  "2001:db8::/64",
  "2001:db8::1",
  "::/0",
];

/**
 * Values that are no plain path segment: in an allowing rule they open nothing, and in a denying rule they deny `*`.
 */
const UNUSABLE = [
  "a/b",
  "*",
  "..",
  ".",
  ".a",
  "a.",
  "a..b",
  "a;b",
  "x y",
  "a%2Fb",
  "ümlaut",
  "a?b",
  "$" + "{aws:username}",
  "n".repeat(129),
];
const SUBJECTS = ["alice", "bob", "b", "x", "partner", "auth0:alice", "n".repeat(128)];

/** One to three principals, most of which make one caller. */
export function principals(random: Random, time: number): ModelPrincipal[] {
  const shape = random.pick([
    "user",
    "user",
    "client",
    "unknown",
    "both",
    "both",
    "both",
    "two",
    "three",
    "odd",
  ] as const);
  const tenant = random.chance(0.6) ? { tenant: random.chance(0.95) ? random.pick(TENANTS) : "a/b" } : {};
  const one = (kind: ModelPrincipal["kind"], subject?: string) => principal(random, time, kind, tenant, subject);
  const subject = random.pick(SUBJECTS);
  const first = random.pick(["user", "user", "unknown"] as const);
  const made = {
    user: () => [one("user")],
    client: () => [one("client")],
    unknown: () => [one("unknown")],
    both: () => [one(first), one("client")],
    two: () => [one("user", subject), one(random.pick(["user", "unknown"]), subject)],
    three: () => [one("user", subject), one("client"), one("user", subject)],
    odd: () => [one(random.pick(["user", "client", "unknown"])), one(random.pick(["user", "client", "unknown"]))],
  }[shape]();
  return random.chance(0.3) ? made.reverse() : made;
}

function principal(
  random: Random,
  time: number,
  kind: ModelPrincipal["kind"],
  shared: { tenant?: string },
  subject = random.chance(0.08) ? random.pick(UNUSABLE) : random.pick(SUBJECTS),
): ModelPrincipal {
  const tenant = random.chance(0.03) ? { tenant: random.pick(TENANTS) } : random.chance(0.7) ? shared : {};
  const far = random.chance(0.6) ? random.whole(1800, 9000) : random.pick([1, 2, 59, 60, 61, 300, 301, 3600, 3601]);
  const end = random.chance(kind === "client" ? 0.3 : 0.7) ? { expiresAt: time + far } : {};
  return {
    ...vouched(random, kind),
    kind,
    subject,
    ...tenant,
    scopes: random.chance(0.6) ? random.some(SCOPES) : [],
    roles: random.chance(0.6) ? random.some(ROLES) : [],
    attributes: attributes(random),
    ...(random.chance(kind === "client" ? 0.1 : 0.5) && { authentication: authentication(random, time) }),
    ...(random.chance(0.2) && { addresses: addresses(random) }),
    ...(random.chance(0.3) && { confirmation: random.some(["mtls", "dpop"] as const) }),
    ...end,
  };
}

function vouched(random: Random, kind: ModelPrincipal["kind"]): Pick<ModelPrincipal, "provider" | "issuer"> {
  if (kind === "client" && random.chance(0.75)) return { provider: "api-key", issuer: "api-keys:live" };
  if (random.chance(0.3)) return { provider: "saml", issuer: "https://idp.example.com" };
  return { provider: "jwt", issuer: random.pick(["https://id.example.com", "https://id2.example.com"]) };
}

function attributes(random: Random): ModelPrincipal["attributes"] {
  if (random.chance(0.3)) return {};
  return { dept: random.chance(0.2) ? random.pick(UNUSABLE) : random.pick(["sales", "b", 7, true, -1.5, "x"]) };
}

function authentication(random: Random, time: number): NonNullable<ModelPrincipal["authentication"]> {
  const since = random.pick([0, 1, 59, 60, 61, 300, 900, 901, 100_000, random.whole(0, 4000), 0.5, 59.5]);
  return {
    ...(random.chance(0.7) && { contextClass: random.pick(CONTEXTS) }),
    ...(random.chance(0.7) && { methods: random.chance(0.15) ? [] : random.some(METHODS, 2) }),
    ...(random.chance(0.8) && { time: time - since }),
  };
}

function addresses(random: Random): string[] {
  return random.chance(0.05) ? [] : random.some(RANGES, 4);
}

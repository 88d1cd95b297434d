import { randomUUID } from "node:crypto";
import { requestEvent } from "../../local/events/rest.ts";
import { encryptAssertion } from "../../local/stage/saml/encryption.ts";
import { assertionXml, encodeXml } from "../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../local/stage/saml/signing.ts";
import { mint, mintHmac } from "../../test/providers/jwt/mint.ts";
import { OPAQUE } from "./conducts.ts";
import { issueKeys, lockOut, usedAssertion } from "./issued.ts";
import type { PartyName } from "./parties.ts";
import { NAMES, type World } from "./world.ts";

/** A kind of caller: what it needs, and its credential at a time (seconds since the epoch). */
export interface Caller {
  readonly name: string;
  /** The parties without which its credential cannot be judged. */
  readonly needs: readonly PartyName[];
  readonly isSound: boolean;
  /** The caller's `principalId`, if it is sound. */
  readonly principal?: string;
  readonly headers: (time: number) => Readonly<Record<string, string>>;
}

/** Callers with sound and with forged credentials of every kind. */
export async function createCallers(world: World, pepper = world.published.pepper): Promise<readonly Caller[]> {
  const { parties, published } = world;
  const { identity, stranger, ours, jwtKey, strangerKey } = world.keys;
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  const saml = (xml: string) => ({ Authorization: `SAML ${encodeXml(xml, "deflate")}` });
  const claims = (iss: string, time: number) => ({
    ...{ iss, aud: NAMES.audience, sub: "alice", client_id: "web", jti: randomUUID() },
    ...{ iat: time - 5, exp: time + 600 },
  });
  const assertion = (issuer: string, time: number, by = identity, oneTimeUse = false) => {
    const id = `_${randomUUID()}`;
    const names = { issuer, subject: "alice", audience: NAMES.audience, recipient: NAMES.recipient };
    return signXml(assertionXml({ ...names, time: time - 5, lifetime: 600, id, oneTimeUse }), id, by);
  };
  const issuers: readonly [string, string, readonly PartyName[]][] = [
    ["a JWT, keys in the configuration", NAMES.here, []],
    ["a JWT, keys of the key server", NAMES.keys, ["key server"]],
    ["a JWT, keys by discovery", parties.discovery.origin, ["discovery"]],
  ];
  const keys = await issueKeys(world, pepper);
  const used = await usedAssertion(world);
  const apiKey = (text: string) => () => ({ "X-Api-Key": text });
  const opaque = (beginning: string) => () => bearer(`${beginning}${randomUUID()}`);
  const isEntitled = world.config.entitlements !== undefined;
  if (isEntitled) await lockOut(world, "mallory");

  const sound: readonly Omit<Caller, "isSound">[] = [
    ...issuers.map(([name, issuer, needs]) => ({
      ...{ name, needs, principal: `${issuer}|alice` },
      headers: (time: number) => bearer(mint(jwtKey, claims(issuer, time))),
    })),
    {
      ...{ name: "a JWT, shared secret of SSM", needs: ["SSM"], principal: `${NAMES.secret}|alice` },
      headers: (time) => bearer(mintHmac(published.shared, claims(NAMES.secret, time))),
    },
    {
      ...{ name: "an assertion, certificate in the configuration", needs: [], principal: `${NAMES.samlHere}|alice` },
      headers: (time) => saml(assertion(NAMES.samlHere, time)),
    },
    {
      ...{
        name: "an assertion, certificate of the metadata",
        needs: ["metadata"],
        principal: `${NAMES.samlMetadata}|alice`,
      },
      headers: (time) => saml(assertion(NAMES.samlMetadata, time)),
    },
    {
      ...{ name: "an encrypted assertion", needs: ["KMS"], principal: `${NAMES.samlHere}|alice` },
      headers: (time) => saml(encryptAssertion(assertion(NAMES.samlHere, time), ours.certificate)),
    },
    {
      ...{ name: "an assertion to be used once", needs: ["DynamoDB"], principal: `${NAMES.samlHere}|alice` },
      headers: (time) => saml(assertion(NAMES.samlHere, time, identity, true)),
    },
    {
      ...{ name: "an API key", needs: ["DynamoDB", "Secrets Manager"], principal: keys.principal },
      headers: apiKey(keys.good),
    },
    {
      ...{ name: "an opaque token", needs: ["introspection"], principal: `${NAMES.opaque}|alice` },
      headers: opaque(OPAQUE.active),
    },
  ];
  const forged: readonly Omit<Caller, "isSound">[] = [
    ...issuers.map(([name, issuer, needs]) => ({
      ...{ name: `${name}, forged`, needs },
      headers: (time: number) => bearer(mint(strangerKey, claims(issuer, time))),
    })),
    {
      ...{ name: "a JWT of an unknown key", needs: ["key server"] },
      headers: (time) => bearer(mint(strangerKey, claims(NAMES.keys, time), { kid: "k9" })),
    },
    {
      ...{ name: "a JWT of another secret", needs: ["SSM"] },
      headers: (time) => bearer(mintHmac("x".repeat(64), claims(NAMES.secret, time))),
    },
    {
      ...{ name: "a forged assertion", needs: [] },
      headers: (time) => saml(assertion(NAMES.samlHere, time, stranger)),
    },
    {
      ...{ name: "a forged assertion, certificate of the metadata", needs: ["metadata"] },
      headers: (time) => saml(assertion(NAMES.samlMetadata, time, stranger)),
    },
    {
      ...{ name: "a forged assertion, encrypted", needs: ["KMS"] },
      headers: (time) => saml(encryptAssertion(assertion(NAMES.samlHere, time, stranger), ours.certificate)),
    },
    { ...{ name: "a used assertion", needs: ["DynamoDB"] }, headers: () => saml(used) },
    { ...{ name: "an unknown API key", needs: ["DynamoDB", "Secrets Manager"] }, headers: apiKey(keys.unknown) },
    { ...{ name: "a revoked API key", needs: ["DynamoDB", "Secrets Manager"] }, headers: apiKey(keys.revoked) },
    { ...{ name: "a revoked opaque token", needs: ["introspection"] }, headers: opaque(OPAQUE.revoked) },
    ...(isEntitled
      ? [
          {
            ...{ name: "a subject who is locked out", needs: [] },
            headers: (time: number) => bearer(mint(jwtKey, { ...claims(NAMES.here, time), sub: "mallory" })),
          },
        ]
      : []),
  ];
  const callers = [
    ...sound.map((each) => ({ ...each, isSound: true })),
    ...forged.map((each) => ({ ...each, isSound: false })),
  ];
  return isEntitled ? callers.map((each) => ({ ...each, needs: [...each.needs, "entitlements"] as const })) : callers;
}

/** A request with a caller's credential. */
export const eventOf = (caller: Caller, time: number): object =>
  requestEvent({
    ...{ method: "GET", path: "/whoami", resource: "/whoami", address: "203.0.113.7", stage: "prod" },
    ...{ headers: caller.headers(time), time },
  });

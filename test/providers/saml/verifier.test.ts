import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { encryptAssertion } from "../../../local/stage/saml/encryption.ts";
import { ASSERTION_ID, assertionXml, encodeXml, responseXml } from "../../../local/stage/saml/identity-provider.ts";
import { entityXml } from "../../../local/stage/saml/metadata.ts";
import { createSigningIdentity, signXml } from "../../../local/stage/saml/signing.ts";
import { type StandIn, startStandIn } from "../../shared/infrastructure/secret/aws-stand-in.ts";
import { ISSUER, identity, judge, OPTIONS, providerOf, stranger } from "./fixture.ts";

/** Two private keys of ours in the store of parameters, of which either may be wrong, and be replaced. */
const ours = await createSigningIdentity();
const stored = new Map<unknown, string>();
let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn(({ input }) => ({ body: { Parameter: { Value: stored.get(input.Name) ?? "" } } }));
});
afterAll(() => standIn.close());
beforeEach(() => {
  vi.stubEnv("AWS_ENDPOINT_URL_SSM", standIn.endpoint);
});

const locked = encryptAssertion(signXml(assertionXml(OPTIONS), ASSERTION_ID, identity), ours.certificate);
const credential = encodeXml(locked, "deflate");
const withTwoKeys = () => providerOf({}, { decryption: { keys: [{ ssm: "/one" }, { ssm: "/two" }] } });

describe("of two private keys of ours", () => {
  test.each(["/one", "/two"])("%s alone may be replaced, and decrypts at once", async (name) => {
    for (const each of ["/one", "/two"]) stored.set(each, stranger.privateKey);
    const by = withTwoKeys();
    expect(await judge(credential, by)).toBe("assertion_decryption_failed");
    stored.set(name, ours.privateKey);
    expect(await judge(credential, by)).toHaveProperty("subject", OPTIONS.subject);
  });

  test("each is read once while they decrypt", async () => {
    stored.set("/one", stranger.privateKey).set("/two", ours.privateKey);
    const by = withTwoKeys();
    const before = standIn.calls.length;
    for (let index = 0; index < 3; index++) {
      const again = encodeXml(`${locked}${" ".repeat(index)}`, "deflate");
      expect(await judge(again, by)).toHaveProperty("subject");
    }
    expect(standIn.calls.length - before).toBe(2);
  });
});

describe("a private key of ours", () => {
  const withOneKey = (...more: Parameters<typeof providerOf> | []) =>
    providerOf(more[0], { decryption: { keys: [{ ssm: "/one" }] }, ...more[1] }, more[2]);

  test("may be replaced, and decrypts at once", async () => {
    stored.set("/one", stranger.privateKey);
    const by = withOneKey();
    expect(await judge(credential, by)).toBe("assertion_decryption_failed");
    stored.set("/one", ours.privateKey);
    expect(await judge(credential, by)).toHaveProperty("subject", OPTIONS.subject);
  });

  test("that was replaced is not read again for a message that arrived before", async () => {
    const slow = "https://slow.example.com";
    const metadata = Promise.withResolvers<Response>();
    const fetch = () => metadata.promise;
    const identityProviders = [
      { issuer: ISSUER, certificates: [identity.certificate] },
      { issuer: slow, metadata: { url: "https://slow.example.com/metadata" } },
    ];
    stored.set("/one", stranger.privateKey);
    const by = withOneKey({}, { identityProviders }, { fetch });
    const before = standIn.calls.length;
    const theirs = { ...OPTIONS, issuer: slow };
    const inside = encryptAssertion(signXml(assertionXml(theirs), ASSERTION_ID, identity), ours.certificate);
    const early = judge(encodeXml(responseXml(theirs, inside), "deflate"), by);
    expect(await judge(credential, by)).toBe("assertion_decryption_failed");
    stored.set("/one", ours.privateKey);
    expect(await judge(credential, by)).toHaveProperty("subject");
    const read = standIn.calls.length - before;
    metadata.resolve(new Response(entityXml({ entityId: slow, certificates: [identity.certificate] })));
    expect(await early).toHaveProperty("issuer", slow);
    expect(standIn.calls.length - before).toBe(read);
  });
});

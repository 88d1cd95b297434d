import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { entityXml } from "../../../local/stage/saml/metadata.ts";
import { createSigningIdentity, signXml } from "../../../local/stage/saml/signing.ts";
import { METADATA_TIMES } from "../../../providers/saml/metadata-source.ts";
import { NOW } from "../../fixtures.ts";
import { ISSUER, identity, issue, judge, providerOf, stranger } from "./fixture.ts";

const URL_ = "https://idp.example.com/metadata.xml";
const ending = await createSigningIdentity({ from: NOW - 60, until: NOW + 1200 });
const mine = (certificates = [identity.certificate], more = {}) =>
  entityXml({ entityId: ISSUER, certificates, ...more });

/** A metadata server that counts its requests. Its answer can be changed, and it can fail. */
function server(xml = mine()) {
  const state = { xml, down: false, requests: 0 };
  const fetch = async () => {
    state.requests++;
    return state.down ? new Response("", { status: 503 }) : new Response(state.xml);
  };
  return { state, provider: (more = {}) => providerOf({ metadata: { url: URL_, ...more } }, {}, { fetch }) };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);
const now = () => ({ time: Math.floor(Date.now() / 1000) });
const judgeNow = (by: ReturnType<typeof providerOf>, signer = identity) =>
  judge(issue({ time: Math.floor(Date.now() / 1000) }, {}, signer), by, now());

describe("the certificates of an identity provider's metadata", () => {
  test("are fetched once for the first assertions that arrive concurrently", async () => {
    const { state, provider } = server();
    const by = provider();
    expect(state.requests).toBe(0);
    for (const outcome of await Promise.all([judgeNow(by), judgeNow(by)])) expect(outcome).toHaveProperty("subject");
    expect(state.requests).toBe(1);
  });

  test("are fetched again after an hour, and removed certificates are no longer trusted", async () => {
    const { state, provider } = server();
    const by = provider();
    expect(await judgeNow(by)).toHaveProperty("subject");
    state.xml = mine([stranger.certificate]);
    pass(METADATA_TIMES.maxAge - 1);
    expect(await judgeNow(by)).toHaveProperty("subject");
    expect(state.requests).toBe(1);
    pass(1);
    expect(await judgeNow(by)).toBe("assertion_signature_invalid");
    expect(await judgeNow(by, stranger)).toHaveProperty("subject");
  });

  test("are fetched for a signature that none of them verifies, so that a new certificate is trusted at once", async () => {
    const { state, provider } = server();
    const by = provider();
    expect(await judgeNow(by)).toHaveProperty("subject");
    state.xml = mine([identity.certificate, stranger.certificate]);
    expect(await judgeNow(by, stranger)).toHaveProperty("subject");
    expect(state.requests).toBe(2);
  });

  test("are not fetched for every invalid signature", async () => {
    const { state, provider } = server();
    const by = provider();
    const { size, refill } = METADATA_TIMES.budget;
    const forged = issue({}, {}, stranger);
    for (let i = 0; i < 100; i++) expect(await judge(forged, by, now())).toBe("assertion_signature_invalid");
    expect(state.requests).toBe(1 + size);
    pass(refill);
    for (let i = 0; i < 100; i++) expect(await judge(forged, by, now())).toBe("assertion_signature_invalid");
    expect(state.requests).toBe(1 + size + 1);
  });

  test("are found at once after a few forged assertions, and after one refill after a flood of them", async () => {
    const { state, provider } = server();
    const by = provider();
    for (let i = 0; i < 3; i++) expect(await judgeNow(by, stranger)).toBe("assertion_signature_invalid");
    state.xml = mine([stranger.certificate]);
    expect(await judgeNow(by, stranger)).toHaveProperty("subject");
    const flood = issue();
    for (let i = 0; i < 100; i++) await judge(flood, by, now());
    state.xml = mine([identity.certificate]);
    pass(METADATA_TIMES.budget.refill);
    expect(await judgeNow(by)).toHaveProperty("subject");
  });

  test("are used for a day while the server fails, and then the verdict is unavailable", async () => {
    const { state, provider } = server();
    const by = provider();
    expect(await judgeNow(by)).toHaveProperty("subject");
    state.down = true;
    pass(METADATA_TIMES.staleIfError - 1);
    expect(await judgeNow(by)).toHaveProperty("subject");
    pass(2000);
    expect(await judgeNow(by)).toBe("metadata_unavailable");
    state.down = false;
    pass(2000);
    expect(await judgeNow(by)).toHaveProperty("subject");
  });

  test("are not used after their validUntil", async () => {
    const { provider } = server(mine(undefined, { validUntil: NOW + 60 }));
    const by = provider();
    // The policy does not outlive them either.
    expect(await judge(issue(), by, { time: NOW + 59 })).toHaveProperty("expiresAt", NOW + 60);
    expect(await judge(issue(), by, { time: NOW + 60 })).toBe("assertion_certificate_invalid");
  });

  test.each([
    ["metadata that have ended", mine(undefined, { validUntil: NOW + 1200 })],
    ["a certificate that has ended", mine([ending.certificate])],
  ])("are fetched again for %s, before they are an hour old", async (_what, xml) => {
    const { state, provider } = server(xml);
    const by = provider();
    const before = xml.includes("validUntil") ? identity : ending;
    expect(await judgeNow(by, before)).toHaveProperty("subject");
    pass(1_199_000);
    expect(await judgeNow(by, before)).toHaveProperty("subject");
    expect(state.requests).toBe(1);
    state.xml = mine([identity.certificate], { validUntil: NOW + 7200 });
    pass(1000);
    expect(await judgeNow(by)).toHaveProperty("subject");
    expect(state.requests).toBe(2);
  });

  test("that have ended are unavailable while the server is down, and are there within two seconds of its return", async () => {
    const { state, provider } = server(mine(undefined, { validUntil: NOW + 60 }));
    const by = provider();
    expect(await judgeNow(by)).toHaveProperty("subject");
    state.down = true;
    pass(60_000);
    const credential = issue({ time: now().time });
    for (let time = 0; time < 10_000; time += 100) {
      expect(await judge(credential, by, now())).toBe("metadata_unavailable");
      pass(100);
    }
    expect(state.requests).toBeLessThanOrEqual(8);
    state.down = false;
    state.xml = mine(undefined, { validUntil: NOW + 7200 });
    pass(2000);
    expect(await judgeNow(by)).toHaveProperty("subject");
  });

  test("that the server still publishes although they have ended are refused, at a limited rate", async () => {
    const { state, provider } = server(mine(undefined, { validUntil: NOW + 60 }));
    const by = provider();
    expect(await judgeNow(by)).toHaveProperty("subject");
    pass(60_000);
    const credential = issue({ time: now().time });
    for (let i = 0; i < 100; i++) expect(await judge(credential, by, now())).toBe("assertion_certificate_invalid");
    expect(state.requests).toBe(1 + METADATA_TIMES.budget.size);
  });

  test.each<[string, () => string, string]>([
    ["has expired", () => issue({ time: NOW - 7200 }), "assertion_expired"],
    ["is for another audience", () => issue({ audience: "https://other.example.com" }), "assertion_audience_mismatch"],
    ["has another recipient", () => issue({ recipient: "https://other.example.com" }), "assertion_recipient_mismatch"],
    ["has an unknown issuer", () => issue({ issuer: "https://other.example.com" }), "assertion_issuer_unknown"],
  ])("are not fetched for an assertion that %s", async (_what, credential, reason) => {
    const { state, provider } = server();
    const by = provider();
    expect(await judgeNow(by)).toHaveProperty("subject");
    expect(await judge(credential(), by)).toBe(reason);
    expect(state.requests).toBe(1);
  });

  test("that have not changed keep the assertions that were verified with them", async () => {
    const { state, provider } = server();
    const by = provider();
    const credential = issue({ lifetime: 7200 });
    const first = await judge(credential, by);
    await judgeNow(by, stranger);
    pass(METADATA_TIMES.maxAge);
    expect(await judge(credential, by, now())).toBe(first);
    expect(state.requests).toBe(3);
  });

  test("are unavailable if they are signed by another key than the configured one", async () => {
    const federation = await createSigningIdentity();
    const signedBy = [federation.certificate];
    const good = server(signXml(mine(), "_entity", federation));
    expect(await judgeNow(good.provider({ signedBy }))).toHaveProperty("subject");
    const bad = server(signXml(mine(), "_entity", stranger));
    expect(await judgeNow(bad.provider({ signedBy }))).toBe("metadata_unavailable");
    expect(await judgeNow(server().provider({ signedBy }))).toBe("metadata_unavailable");
  });

  test("are unavailable if they belong to another entity, are too long or are missing", async () => {
    const other = entityXml({ entityId: "https://other.example.com", certificates: [stranger.certificate] });
    expect(await judgeNow(server(other).provider())).toBe("metadata_unavailable");
    expect(await judgeNow(server(" ".repeat(2 ** 20 + 1)).provider())).toBe("metadata_unavailable");
    expect(await judgeNow(providerOf({ metadata: { file: "metadata/absent.xml" } }))).toBe("metadata_unavailable");
  });

  test("can be in a file beside the bundle", async () => {
    const root = join(tmpdir(), `sallyport-metadata-${process.pid}`);
    await mkdir(join(root, "metadata"), { recursive: true });
    await writeFile(join(root, "metadata", "idp.xml"), mine());
    vi.stubEnv("LAMBDA_TASK_ROOT", root);
    expect(await judgeNow(providerOf({ metadata: { file: "metadata/idp.xml" } }))).toHaveProperty("subject");
    await rm(root, { recursive: true });
  });
});

describe("an assertion that was verified before", () => {
  test("is not verified again", async () => {
    const { provider } = server();
    const by = provider();
    const credential = issue();
    const first = await judge(credential, by);
    expect(first).toHaveProperty("subject");
    // The same object, not a new one.
    expect(await judge(credential, by)).toBe(first);
    expect(await judge(credential, provider())).not.toBe(first);
    expect(await judge(issue({}, { encoding: "deflate" }), by)).not.toBe(first);
  });

  test("is refused when it has expired", async () => {
    const by = providerOf();
    const credential = issue({ lifetime: 60 });
    expect(await judge(credential, by)).toHaveProperty("subject");
    expect(await judge(credential, by, { time: NOW + 59 })).toHaveProperty("subject");
    expect(await judge(credential, by, { time: NOW + 60 })).toBe("assertion_expired");
  });

  test("is refused when its certificate has expired or its authentication is too old", async () => {
    const dated = await createSigningIdentity({ from: NOW, until: NOW + 30 });
    const ending = providerOf({ certificates: [dated.certificate] });
    const credential = issue({}, {}, dated);
    expect(await judge(credential, ending)).toHaveProperty("subject");
    expect(await judge(credential, ending, { time: NOW + 30 })).toBe("assertion_certificate_invalid");
    const strict = providerOf({ maxAuthenticationAge: 30 });
    expect(await judge(issue(), strict)).toHaveProperty("expiresAt", NOW + 31);
    expect(await judge(issue(), strict, { time: NOW + 31 })).toBe("assertion_expired");
  });

  test("is refused when the identity provider has removed its certificate", async () => {
    const { state, provider } = server();
    const by = provider();
    const credential = issue({ lifetime: 7200 });
    expect(await judge(credential, by)).toHaveProperty("subject");
    state.xml = mine([stranger.certificate]);
    pass(METADATA_TIMES.maxAge);
    expect(await judge(credential, by, now())).toBe("assertion_signature_invalid");
  });

  test("is verified again after the clock was set back", async () => {
    const by = providerOf();
    const credential = issue();
    expect(await judge(credential, by, { time: NOW })).toHaveProperty("subject");
    expect(await judge(credential, by, { time: NOW - 31 })).toBe("assertion_issued_in_future");
  });
});

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
const mine = (certificates = [identity.certificate], more = {}) =>
  entityXml({ entityId: ISSUER, certificates, ...more });

/** A server of metadata that counts its requests, and can be told to answer otherwise or to fail. */
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
  test("are fetched at the first assertion, once for all that come at the same time", async () => {
    const { state, provider } = server();
    const by = provider();
    expect(state.requests).toBe(0);
    for (const outcome of await Promise.all([judgeNow(by), judgeNow(by)])) expect(outcome).toHaveProperty("subject");
    expect(state.requests).toBe(1);
  });

  test("are fetched again after an hour, and what has gone is believed no more", async () => {
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

  test("are fetched for a signature that none of them verifies: a new certificate counts at once", async () => {
    const { state, provider } = server();
    const by = provider();
    expect(await judgeNow(by)).toHaveProperty("subject");
    state.xml = mine([identity.certificate, stranger.certificate]);
    expect(await judgeNow(by, stranger)).toHaveProperty("subject");
    expect(state.requests).toBe(2);
  });

  test("but not for every bad signature: a flood of them is no flood of fetches", async () => {
    const { state, provider } = server();
    const by = provider();
    for (let i = 0; i < 5; i++) expect(await judgeNow(by, stranger)).toBe("assertion_signature_invalid");
    expect(state.requests).toBe(2);
    pass(METADATA_TIMES.cooldown);
    expect(await judgeNow(by, stranger)).toBe("assertion_signature_invalid");
    expect(state.requests).toBe(3);
  });

  test("serve for a day while the server fails, and then there is trouble", async () => {
    const { state, provider } = server();
    const by = provider();
    expect(await judgeNow(by)).toHaveProperty("subject");
    state.down = true;
    pass(METADATA_TIMES.staleIfError - 1);
    expect(await judgeNow(by)).toHaveProperty("subject");
    pass(METADATA_TIMES.maxRetryDelay);
    expect(await judgeNow(by)).toBe("metadata_unavailable");
    state.down = false;
    pass(METADATA_TIMES.maxRetryDelay);
    expect(await judgeNow(by)).toHaveProperty("subject");
  });

  test("never serve beyond their validUntil", async () => {
    const { provider } = server(mine(undefined, { validUntil: NOW + 60 }));
    const by = provider();
    // And no policy does that was made by them.
    expect(await judge(issue(), by, { time: NOW + 59 })).toHaveProperty("expiresAt", NOW + 60);
    expect(await judge(issue(), by, { time: NOW + 60 })).toBe("assertion_certificate_invalid");
  });

  test("are trouble where another than who is configured signed them", async () => {
    const federation = await createSigningIdentity();
    const signedBy = [federation.certificate];
    const good = server(signXml(mine(), "_entity", federation));
    expect(await judgeNow(good.provider({ signedBy }))).toHaveProperty("subject");
    const bad = server(signXml(mine(), "_entity", stranger));
    expect(await judgeNow(bad.provider({ signedBy }))).toBe("metadata_unavailable");
    expect(await judgeNow(server().provider({ signedBy }))).toBe("metadata_unavailable");
  });

  test("are trouble where they are another entity's, too long, or not there", async () => {
    const other = entityXml({ entityId: "https://other.example.com", certificates: [stranger.certificate] });
    expect(await judgeNow(server(other).provider())).toBe("metadata_unavailable");
    expect(await judgeNow(server(" ".repeat(2 ** 20 + 1)).provider())).toBe("metadata_unavailable");
    expect(await judgeNow(providerOf({ metadata: { file: "metadata/absent.xml" } }))).toBe("metadata_unavailable");
  });

  test("may stand in a file beside the bundle", async () => {
    const root = join(tmpdir(), `sallyport-metadata-${process.pid}`);
    await mkdir(join(root, "metadata"), { recursive: true });
    await writeFile(join(root, "metadata", "idp.xml"), mine());
    vi.stubEnv("LAMBDA_TASK_ROOT", root);
    expect(await judgeNow(providerOf({ metadata: { file: "metadata/idp.xml" } }))).toHaveProperty("subject");
    await rm(root, { recursive: true });
  });
});

describe("an assertion that was seen before", () => {
  test("is known again: nothing is verified twice", async () => {
    const { provider } = server();
    const by = provider();
    const credential = issue();
    const first = await judge(credential, by);
    expect(first).toHaveProperty("subject");
    // The same object, and not one made anew.
    expect(await judge(credential, by)).toBe(first);
    expect(await judge(credential, provider())).not.toBe(first);
    expect(await judge(issue({}, { encoding: "deflate" }), by)).not.toBe(first);
  });

  test("is refused from the second on at which it ends", async () => {
    const by = providerOf();
    const credential = issue({ lifetime: 60 });
    expect(await judge(credential, by)).toHaveProperty("subject");
    expect(await judge(credential, by, { time: NOW + 59 })).toHaveProperty("subject");
    expect(await judge(credential, by, { time: NOW + 60 })).toBe("assertion_expired");
  });

  test("is refused when its certificate has ended, or its authentication is too old", async () => {
    const dated = await createSigningIdentity({ from: NOW, until: NOW + 30 });
    const ending = providerOf({ certificates: [dated.certificate] });
    const credential = issue({}, {}, dated);
    expect(await judge(credential, ending)).toHaveProperty("subject");
    expect(await judge(credential, ending, { time: NOW + 30 })).toBe("assertion_certificate_invalid");
    const strict = providerOf({ maxAuthenticationAge: 30 });
    expect(await judge(issue(), strict)).toHaveProperty("expiresAt", NOW + 31);
    expect(await judge(issue(), strict, { time: NOW + 31 })).toBe("assertion_expired");
  });

  test("is refused when the identity provider has withdrawn its certificate", async () => {
    const { state, provider } = server();
    const by = provider();
    const credential = issue({ lifetime: 7200 });
    expect(await judge(credential, by)).toHaveProperty("subject");
    state.xml = mine([stranger.certificate]);
    pass(METADATA_TIMES.maxAge);
    expect(await judge(credential, by, now())).toBe("assertion_signature_invalid");
  });

  test("is looked at again by a clock that went back", async () => {
    const by = providerOf();
    const credential = issue();
    expect(await judge(credential, by, { time: NOW })).toHaveProperty("subject");
    expect(await judge(credential, by, { time: NOW - 31 })).toBe("assertion_issued_in_future");
  });

  test("is not remembered for ever: a thousand others push it out", async () => {
    const by = providerOf();
    const credential = issue();
    const first = await judge(credential, by);
    for (let i = 0; i < 999; i++) await judge(issue({ id: `_${i}` }), by);
    expect(await judge(credential, by)).toBe(first);
    await judge(issue({ id: "_last" }), by);
    expect(await judge(credential, by)).not.toBe(first);
  });
});

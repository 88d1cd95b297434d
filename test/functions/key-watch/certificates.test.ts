import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { entityXml } from "../../../local/stage/saml/metadata.ts";
import { createSigningIdentity } from "../../../local/stage/saml/signing.ts";
import type { Config } from "../../../shared/domain/config/schema.ts";
import { logger } from "../../../shared/infrastructure/telemetry/telemetry.ts";
import { configOf, NOW } from "../../fixtures.ts";
import { ISSUER } from "../../providers/saml/fixture.ts";
import { createWatchFixture, DAY, oneDatabase, type WatchFixture } from "./fixture.ts";

let watch: WatchFixture;
let database: { close(): Promise<void> };
beforeAll(async () => {
  database = await oneDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  vi.useFakeTimers({ now: NOW * 1000, toFake: ["Date"] });
  for (const method of ["info", "error"] as const) vi.spyOn(logger, method).mockImplementation(() => {});
  watch = await createWatchFixture();
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await watch.close();
});

const { certificate } = await createSigningIdentity({ from: NOW - DAY, until: NOW + 60 * DAY });
const { certificate: lasting } = await createSigningIdentity();

const samlOf = (...identityProviders: object[]) =>
  configOf({ saml: { audience: "a", recipients: "b", identityProviders: identityProviders as never } })
    .saml as NonNullable<Config["saml"]>;

/** Runs the schedule at each of these days. */
async function days(saml: NonNullable<Config["saml"]>, list: readonly number[], fetch?: typeof globalThis.fetch) {
  for (const day of list) {
    // Without a section for keys there is nothing else to watch.
    await watch.runAt(NOW + day * DAY, { config: { saml, apiKeys: undefined }, ...(fetch && { fetch }) });
  }
  return watch.news("CertificateExpiring");
}

const url = "https://idp.example.com/metadata.xml";
const serving =
  (textAt: (time: number) => string): typeof globalThis.fetch =>
  async () =>
    new Response(textAt(Date.now() / 1000));

describe("a certificate of an identity provider", () => {
  test("is announced 30, 14 and 3 days before its end, each once", async () => {
    const saml = samlOf({ issuer: ISSUER, certificates: [certificate, lasting] });
    expect(await days(saml, [0, 29])).toEqual([]);
    expect(await days(saml, [30, 31, 32])).toEqual(["CertificateExpiring 30"]);
    expect(await days(saml, [46, 47])).toEqual(["CertificateExpiring 14"]);
    expect(await days(saml, [57, 58, 60, 61])).toEqual(["CertificateExpiring 3"]);
    expect(watch.sent[0]?.detail).toMatchObject({
      ...{ issuer: ISSUER, what: "certificate", endsAt: "2026-05-01T10:00:00Z" },
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      id: expect.stringMatching(/^https:.+:certificate:[0-9a-f]{16}:2026-05-01T10:00:00Z:CertificateExpiring:30$/),
    });
  });

  test("is looked at once a day, although the schedule runs every hour", async () => {
    const fetch = vi.fn(serving(() => entityXml({ entityId: ISSUER, certificates: [lasting] })));
    await days(samlOf({ issuer: ISSUER, metadata: { url } }), [0, 1 / 24, 2 / 24, 1, 1 + 1 / 24], fetch);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  test("is announced if it comes from metadata", async () => {
    const fetch = serving(() => entityXml({ entityId: ISSUER, certificates: [certificate] }));
    expect(await days(samlOf({ issuer: ISSUER, metadata: { url } }), [31], fetch)).toEqual(["CertificateExpiring 30"]);
  });

  test("is not announced if its dates make no difference", async () => {
    const saml = samlOf({ issuer: ISSUER, certificates: [certificate], certificateDates: "ignore" });
    expect(await days(saml, [59])).toEqual([]);
  });

  test("is announced if the metadata of another provider cannot be read, and the run fails", async () => {
    const saml = samlOf(
      { issuer: "https://other.example.com", metadata: { url } },
      { issuer: ISSUER, certificates: [certificate] },
    );
    await expect(days(saml, [31])).rejects.toThrow("1 parts failed");
    expect(watch.news()).toEqual(["CertificateExpiring 30"]);
  });
});

describe("metadata that are fetched", () => {
  const saml = samlOf({ issuer: ISSUER, metadata: { url } });
  const metadataOf = (validUntil: number) => entityXml({ entityId: ISSUER, certificates: [lasting], validUntil });

  test("are announced in their last three days if nobody renews them", async () => {
    const fetch = serving(() => metadataOf(NOW + 20 * DAY));
    expect(await days(saml, [0, 1, 10, 16], fetch)).toEqual([]);
    expect(await days(saml, [17, 18, 19], fetch)).toEqual(["CertificateExpiring 3"]);
    expect(watch.sent[0]?.detail).toMatchObject({ what: "metadata", endsAt: "2026-03-22T10:00:00Z" });
  });

  test("are not announced if they are renewed each day, however short they are valid", async () => {
    const fetch = serving((time) => metadataOf(Math.floor(time / DAY) * DAY + 2 * DAY));
    expect(await days(saml, [0, 1, 2, 3, 4, 5], fetch)).toEqual([]);
  });
});

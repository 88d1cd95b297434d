import { afterEach, describe, expect, test, vi } from "vitest";
import { entityXml } from "../../../local/stage/saml/metadata.ts";
import { certificateBody, readCertificate } from "../../../providers/saml/certificate.ts";
import { fetchMetadata, metadataSource } from "../../../providers/saml/metadata-source.ts";
import { trustAnchorSource } from "../../../providers/saml/trust-anchor-source.ts";
import type { SamlIdentityProvider } from "../../../shared/domain/config/saml.ts";
import { ISSUER, identity, stranger } from "./fixture.ts";

const URL_ = "https://idp.example.com/metadata.xml";
const xml = (certificate = identity.certificate) => entityXml({ entityId: ISSUER, certificates: [certificate] });
afterEach(() => vi.restoreAllMocks());

describe("the source of metadata", () => {
  test("asks for metadata of SAML, at the configured address", async () => {
    const fetch = vi.fn(async (_url: unknown, _init?: RequestInit) => new Response(xml()));
    await metadataSource(ISSUER, { url: URL_ }, fetch as typeof globalThis.fetch).current();
    const [url, init] = fetch.mock.calls[0] ?? [];
    expect(String(url)).toBe(URL_);
    expect(new Headers(init?.headers).get("accept")).toMatch(/^application\/samlmetadata\+xml, /);
  });

  test("keeps what it has if the document has not changed, and replaces it if it has", async () => {
    let text = xml();
    const fetch = (async () => new Response(text)) as typeof globalThis.fetch;
    const source = metadataSource(ISSUER, { url: URL_ }, fetch);
    const known = await source.current();
    expect(await source.newer(known)).toBe(known);
    text = xml(stranger.certificate);
    const newer = await source.newer(known);
    expect(newer).not.toBe(known);
    expect(newer.certificates[0]?.key.equals(readCertificate(stranger.certificate).key)).toBe(true);
  });

  test("looks for a file beside the current folder, outside Lambda", async () => {
    vi.stubEnv("LAMBDA_TASK_ROOT", undefined);
    const source = metadataSource(ISSUER, { file: "package.json" }, fetch);
    await expect(source.current()).rejects.toThrow(
      expect.objectContaining({
        reason: "metadata_unavailable",
        cause: expect.objectContaining({ name: "MetadataError" }),
      }),
    );
  });
});

describe("metadata that are read once", () => {
  const mine = (signal: AbortSignal, place: Parameters<typeof fetchMetadata>[1]) =>
    fetchMetadata(ISSUER, place, async () => new Response(xml()), signal);

  test("are those of the entity", async () => {
    const { entityId, encoded } = await mine(new AbortController().signal, { url: URL_ });
    expect(entityId).toBe(ISSUER);
    expect(encoded).toEqual([certificateBody(identity.certificate)]);
  });

  test("are not read from a file once the time for it is over", async () => {
    await expect(mine(AbortSignal.abort(), { file: "package.json" })).rejects.toHaveProperty("name", "AbortError");
  });
});

describe("the source of configured certificates", () => {
  const entry = { issuer: ISSUER, certificates: [identity.certificate, stranger.certificate] };
  const source = trustAnchorSource(entry as unknown as SamlIdentityProvider, fetch);

  test("reads them once, and knows no newer ones", async () => {
    const anchors = await source.current();
    expect(anchors.certificates).toHaveLength(2);
    expect(anchors.validUntil).toBe(Number.POSITIVE_INFINITY);
    expect(await source.current()).toBe(anchors);
    expect(await source.newer(anchors)).toBe(anchors);
  });
});

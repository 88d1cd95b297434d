import { describe, expect, test } from "vitest";
import { fetchJson, JSON_BOUNDS } from "../../../../shared/infrastructure/remote/fetch-json.ts";

const URL_ = "https://id.example.com/keys";
const { signal } = new AbortController();
const answering = (body: string) => async () => new Response(body);

describe("a JSON object is fetched", () => {
  test("as it was sent", async () => {
    expect(await fetchJson(URL_, answering('{"keys":[1]}'), signal)).toEqual({ keys: [1] });
  });

  test("with a header that asks for JSON and for key sets, as some servers send nothing else", async () => {
    const requests: unknown[] = [];
    const fetch: typeof globalThis.fetch = async (url, init) => {
      requests.push([url, init?.headers]);
      return new Response("{}");
    };
    await fetchJson(URL_, fetch, signal);
    expect(requests).toEqual([[URL_, { accept: "application/json, application/jwk-set+json" }]]);
  });

  test("up to 256 KiB, and not a byte more", async () => {
    const ofLength = (length: number) => answering("{}".padEnd(length));
    expect(JSON_BOUNDS.maxLength).toBe(262_144);
    expect(await fetchJson(URL_, ofLength(262_144), signal)).toEqual({});
    await expect(fetchJson(URL_, ofLength(262_145), signal)).rejects.toThrow(RangeError);
  });

  test.each([
    ["with a duplicate member", '{"keys":1,"keys":2}'],
    ["that is a list", "[]"],
    ["that is no JSON", "<html>"],
  ])("but none %s", async (_what, body) => {
    await expect(fetchJson(URL_, answering(body), signal)).rejects.toThrow(SyntaxError);
  });

  test("until the end of all requests of which it is one", async () => {
    const aborted = AbortSignal.abort(new Error("the whole took too long"));
    const fetch: typeof globalThis.fetch = async (_url, init) => {
      init?.signal?.throwIfAborted();
      return new Response("{}");
    };
    await expect(fetchJson(URL_, fetch, aborted)).rejects.toThrow("the whole took too long");
  });
});

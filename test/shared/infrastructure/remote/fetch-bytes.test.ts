import { describe, expect, test, vi } from "vitest";
import { fetchBytes } from "../../../../shared/infrastructure/remote/fetch-bytes.ts";

const URL_ = "https://id.example.com/keys";
const BOUNDS = { accept: "application/json", timeout: 60_000, maxLength: 10 };
const answering = (body: string, status = 200) => {
  const requests: RequestInit[] = [];
  const fetch = async (_url: unknown, init?: RequestInit) => {
    requests.push(init ?? {});
    return new Response(body, { status });
  };
  return { fetch, requests };
};

/** Ends only when it is aborted, as a server that never answers. */
const hanging: typeof globalThis.fetch = (_url, init) =>
  new Promise((_resolve, reject) => {
    const stop = () => reject(init?.signal?.reason);
    if (init?.signal?.aborted) stop();
    init?.signal?.addEventListener("abort", stop);
  });

describe("a document is fetched", () => {
  test("up to its longest length, and not a byte more", async () => {
    expect((await fetchBytes(URL_, answering("0123456789").fetch, BOUNDS)).toString()).toBe("0123456789");
    await expect(fetchBytes(URL_, answering("0123456789a").fetch, BOUNDS)).rejects.toThrow(
      new RangeError("the response is too long"),
    );
  });

  test("without following a redirect", async () => {
    const { fetch, requests } = answering("{}");
    await fetchBytes(URL_, fetch, BOUNDS);
    expect(requests).toMatchObject([{ redirect: "error", headers: { accept: "application/json" } }]);
  });

  test.each([201, 204, 404, 500])("not with the status %d", async (status) => {
    const answer = answering("", 200).fetch;
    const fetch = async () => {
      const response = await answer(URL_);
      return Object.defineProperty(response, "status", { value: status });
    };
    await expect(fetchBytes(URL_, fetch, BOUNDS)).rejects.toMatchObject({ code: `HTTP_${status}` });
  });

  test("not without a body, whatever the status", async () => {
    for (const status of [200, 404]) {
      const fetch = async () => new Response(null, { status });
      await expect(fetchBytes(URL_, fetch, BOUNDS)).rejects.toMatchObject({
        name: "HttpStatusError",
        message: `status ${status}`,
      });
    }
  });

  test("without reading the body of a refusal, which would hold its connection", async () => {
    const cancel = vi.fn();
    const fetch = async () => new Response(new ReadableStream({ cancel }), { status: 503 });
    await expect(fetchBytes(URL_, fetch, BOUNDS)).rejects.toMatchObject({ code: "HTTP_503" });
    expect(cancel).toHaveBeenCalledOnce();
  });

  test("until its own timeout", async () => {
    await expect(fetchBytes(URL_, hanging, { ...BOUNDS, timeout: 0 })).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("until the end of all requests of which it is one", async () => {
    const signal = AbortSignal.abort(new Error("the whole took too long"));
    await expect(fetchBytes(URL_, hanging, { ...BOUNDS, signal })).rejects.toThrow("the whole took too long");
  });

  test("until its own timeout also if there are others", async () => {
    const { signal } = new AbortController();
    await expect(fetchBytes(URL_, hanging, { ...BOUNDS, timeout: 0, signal })).rejects.toMatchObject({
      name: "TimeoutError",
    });
  });
});

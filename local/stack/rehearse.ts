import { startGateway } from "../gateway/gateway.ts";
import type { Invoker } from "../gateway/invoker.ts";
import type { Stack } from "../gateway/template/read.ts";
import type { RequestRecord } from "../gateway/trail.ts";
import { UsagePlans } from "../gateway/usage-plans.ts";
import type { SampleRequest } from "./sample-requests.ts";

/** A request, and how it ended. */
export interface Rehearsed {
  readonly request: SampleRequest;
  readonly record: RequestRecord;
}

/** Functions of which only the authorizers run: every backend answers 200, so that a rehearsal changes nothing. */
export function answerBackends(functions: Invoker, authorizers: readonly string[]): Invoker {
  return {
    invoke: async (name, event) =>
      authorizers.includes(name) ? functions.invoke(name, event) : { result: { statusCode: 200, body: "" } },
  };
}

/**
 * Sends requests to a gateway of its own, with a cache and usage plans of its own. A request whose credential cannot be
 * issued is left out.
 *
 * @param issuers address of the pages with credentials
 */
export async function rehearse(
  requests: readonly SampleRequest[],
  { apis, keys }: Stack,
  functions: Invoker,
  issuers: string,
): Promise<Rehearsed[]> {
  let record: RequestRecord | undefined;
  const gateway = await startGateway({
    ...{ apis, functions, usagePlans: new UsagePlans(keys) },
    onRequest: (each) => (record = each),
  });
  const rehearsed: Rehearsed[] = [];
  try {
    for (const request of requests) {
      const issued = await headersFrom(issuers, request);
      if (!issued) continue;
      const headers = [...issued, ...Object.entries(request.headers ?? {})];
      const answer = await fetch(`${gateway.urls[request.api]}${request.path}`, { method: request.method, headers });
      await answer.arrayBuffer();
      if (record) rehearsed.push({ request, record });
    }
  } finally {
    await gateway.close();
  }
  return rehearsed;
}

async function headersFrom(issuers: string, { header }: SampleRequest): Promise<[string, string][] | undefined> {
  if (header === undefined) return [];
  const page = await fetch(issuers + header);
  const text = await page.text();
  if (!page.ok) return undefined;
  return text
    .trimEnd()
    .split("\n")
    .map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
}

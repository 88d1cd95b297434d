import { afterEach, expect, test, vi } from "vitest";
import { logFilter } from "../../../local/cloud/logs/filter-pattern.ts";
import { requestEvent } from "../../../local/events/rest.ts";
import { authenticated } from "../../../providers/verdict.ts";
import { client, configOf, NOW, UNCACHED } from "../../fixtures.ts";
import { propertiesOf } from "../../template.ts";
import { lambdaContext } from "../authorizer/lambda-context.ts";
import { logEvent } from "./log-event.ts";

/** The authorizer's lines as they stand in the log, the filter of the template's subscription, and what is read. */

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The lines that the authorizer writes for these keys. */
async function linesFor(...keyIds: string[]): Promise<string[]> {
  let output = "";
  vi.resetModules();
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  const keep = (chunk: unknown) => {
    output += String(chunk);
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(keep as never);
  vi.spyOn(console, "log").mockImplementation((...chunks: unknown[]) => void keep(`${chunks.join(" ")}\n`));
  const { createHandler } = await import("../../../functions/authorizer/create-handler.ts");
  const provider = {
    name: "api-key",
    recognises: () => true,
    verify: async ({ value }: { readonly value: string }) =>
      authenticated(client({ provider: "api-key", attributes: { keyId: value } })),
  };
  const handler = createHandler(configOf(), [provider], UNCACHED);
  for (const keyId of keyIds) {
    const headers = { Authorization: `ApiKey ${keyId}` };
    const path = { path: "/whoami", resource: "/whoami", stage: "prod" };
    await handler(requestEvent({ method: "GET", ...path, address: "192.0.2.1", time: NOW, headers }), lambdaContext());
  }
  vi.restoreAllMocks();
  return output.split("\n").filter((line) => line !== "");
}

test("the template's filter selects the first line of each key, and the function reads it", async () => {
  const { readUses } = await import("../../../functions/key-use/read-uses.ts");
  const [a, b] = ["A".repeat(16), "B".repeat(16)];
  const lines = await linesFor(a, a, b, a, b);
  const matches = logFilter(String(propertiesOf("KeyUseSubscription").FilterPattern));
  const selected = lines.filter(matches);
  expect(selected).toHaveLength(2);
  const hour = NOW - (NOW % 3600);
  expect(readUses(logEvent(selected), NOW)).toEqual({
    uses: new Map([a, b].map((keyId) => [keyId, { first: hour, last: hour }])),
    skipped: 0,
  });
  // Whoever subscribes to every line gets the same.
  expect(readUses(logEvent(lines), NOW)).toEqual(readUses(logEvent(selected), NOW));
});

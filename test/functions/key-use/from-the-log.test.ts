import { afterEach, expect, test, vi } from "vitest";
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

/**
 * Whether a line matches a JSON filter pattern of CloudWatch Logs of the form `{ $.selector = "*" }`: the line is one
 * JSON object, and the selector leads to a text.
 */
function isSelected(pattern: string, line: string): boolean {
  const [, selector = ""] = /^\{ \$\.([\w.[\]]+) = "\*" \}$/.exec(pattern) ?? expect.unreachable(pattern);
  try {
    const path = selector.split(/[.[\]]+/).filter((name) => name !== "");
    const found = path.reduce<unknown>((value, name) => Object(value)[name], JSON.parse(line));
    return typeof found === "string";
  } catch {
    return false;
  }
}

test("the template's filter selects the first line of each key, and the function reads it", async () => {
  const { readUses } = await import("../../../functions/key-use/read-uses.ts");
  const [a, b] = ["A".repeat(16), "B".repeat(16)];
  const lines = await linesFor(a, a, b, a, b);
  const selected = lines.filter((line) => isSelected(String(propertiesOf("KeyUseSubscription").FilterPattern), line));
  expect(selected).toHaveLength(2);
  const hour = NOW - (NOW % 3600);
  expect(readUses(logEvent(selected), NOW)).toEqual({
    uses: new Map([a, b].map((keyId) => [keyId, { first: hour, last: hour }])),
    skipped: 0,
  });
  // Whoever subscribes to every line gets the same.
  expect(readUses(logEvent(lines), NOW)).toEqual(readUses(logEvent(selected), NOW));
});

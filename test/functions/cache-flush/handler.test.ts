import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { createHandler } from "../../../functions/cache-flush/create-handler.ts";
import { lambdaContext } from "../authorizer/lambda-context.ts";
import { FakeTools, HTTP, REST, T } from "./fake-tools.ts";

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  const keep = (...text: unknown[]) => void lines.push(text.join(" "));
  for (const name of ["log", "info", "warn", "error"] as const) vi.spyOn(console, name).mockImplementation(keep);
  const written = (text: string | Uint8Array) => lines.push(String(text)) > 0;
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockImplementation(written);
  return () => vi.restoreAllMocks();
});

function setUp(tools = new FakeTools()) {
  const postponed: string[] = [];
  const postpone = async ({ messageId }: SQSRecord) => void postponed.push(messageId);
  const handler = createHandler({ ...toolsOf(tools), stages: [REST, HTTP], postpone });
  const handle = (...bodies: string[]): Promise<SQSBatchResponse> =>
    handler({ Records: bodies.map(message) }, lambdaContext());
  return { tools, postponed, handle };
}

const toolsOf = ({ controlPlane, times, now, pause }: FakeTools) => ({ controlPlane, times, now, pause });
const message = (body: string, index: number) => ({ messageId: `m${index}`, body }) as SQSRecord;
const asking = (milliseconds: number) => JSON.stringify({ after: T + milliseconds });
const stagesOf = ({ calls }: FakeTools) => calls.map(({ stage, at }) => `${stage} ${at}`);

test("ten messages of a batch are one flush of each stage, late enough for the last of them", async () => {
  const { tools, handle } = setUp();
  const bodies = Array.from({ length: 10 }, (_, index) => asking(index * 10));
  expect(await handle(...bodies)).toEqual({ batchItemFailures: [] });
  expect(tools.calls.map(({ stage }) => stage).sort()).toEqual([HTTP.path, REST.path]);
  for (const { at } of tools.calls) expect(at).toBeGreaterThanOrEqual(90);
});

test("both flushes of a revocation take place, two seconds apart, and a third message changes nothing", async () => {
  const { tools, handle } = setUp();
  await handle(asking(0));
  tools.clock = 2000;
  await handle(asking(2000));
  await handle(asking(1500));
  expect(stagesOf(tools)).toEqual([`${REST.path} 0`, `${HTTP.path} 0`, `${REST.path} 2000`, `${HTTP.path} 2000`]);
});

describe("a stage that fails", () => {
  test("brings the messages back with a pause, and alone is flushed again", async () => {
    const { tools, postponed, handle } = setUp();
    tools.fails = ({ stage }) => stage === HTTP.path;
    const answer = await handle(asking(0), asking(0));
    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(["m0", "m1"]);
    expect(postponed).toEqual(["m0", "m1"]);
    tools.fails = () => false;
    tools.clock = 1000;
    expect(await handle(asking(0), asking(0))).toEqual({ batchItemFailures: [] });
    expect(stagesOf(tools)).toEqual([`${REST.path} 0`, `${HTTP.path} 0`, `${HTTP.path} 1000`]);
  });

  test("for a minute is flushed after it", async () => {
    const { tools, handle } = setUp();
    tools.fails = ({ at }) => at < 60_000;
    let attempts = 0;
    // As the queue repeats it: after 1, 2, 4 seconds and so on.
    while ((await handle(asking(0))).batchItemFailures.length > 0) tools.clock += 1000 * 2 ** Math.min(attempts++, 6);
    expect(attempts).toBeLessThan(8);
    expect(tools.stored.get(REST.path)?.lastStart).toBeGreaterThanOrEqual(T + 60_000);
  });

  test("is logged with the stage and the class of the error, and counted", async () => {
    const { tools, handle } = setUp();
    tools.fails = ({ stage }) => stage === HTTP.path;
    await handle(asking(0));
    const text = lines.join("\n");
    expect(text).toContain(`"stage":"${HTTP.path}","cause":"Error"`);
    expect(text).toContain('"CacheFlushesFailed":1');
    expect(text).toContain('"CacheFlushes":1');
    expect(text).not.toContain("TooManyRequests");
  });

  test("brings the messages back even if the pause cannot be set", async () => {
    const tools = new FakeTools();
    tools.fails = () => true;
    const postpone = async () => Promise.reject(new Error("no"));
    const handler = createHandler({ ...toolsOf(tools), stages: [REST], postpone });
    const { batchItemFailures } = await handler({ Records: [message(asking(0), 0)] }, lambdaContext());
    expect(batchItemFailures).toHaveLength(1);
  });
});

test("a message that cannot be read asks for a flush now, and does not come again", async () => {
  const { tools, handle } = setUp();
  expect(await handle("{}")).toEqual({ batchItemFailures: [] });
  expect(stagesOf(tools)).toEqual([`${REST.path} 0`, `${HTTP.path} 0`]);
  expect(lines.join("\n")).toContain("message unreadable");
});

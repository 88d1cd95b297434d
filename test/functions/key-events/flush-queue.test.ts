import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { flushQueue } from "../../../functions/key-events/flush-queue.ts";
import { jsonService, type ServiceCall } from "../../shared/infrastructure/aws/json-service.ts";

const URL_PATH = "/123456789012/flushes";

/** The client compares the checksum. */
const sent = ({ body }: ServiceCall) => ({
  body: { MessageId: "m", MD5OfMessageBody: createHash("md5").update(String(body.MessageBody)).digest("hex") },
});

test("asks for a flush now, and for one two seconds later, when decisions of before are answered or given up", async () => {
  const { calls, endpoint } = await jsonService("AWS_ENDPOINT_URL_SQS", sent);
  await flushQueue(`${endpoint}${URL_PATH}`).request(1000, 0);
  expect(calls.map(({ operation }) => operation)).toEqual(["SendMessage", "SendMessage"]);
  const messages = calls.map(({ body }) => [JSON.parse(String(body.MessageBody)), body.DelaySeconds]);
  expect(messages).toEqual(
    expect.arrayContaining([
      [{ after: 1000 }, 0],
      [{ after: 3000 }, 2],
    ]),
  );
});

test("asks for the second one later if authorizers may remember what was before", async () => {
  const { calls, endpoint } = await jsonService("AWS_ENDPOINT_URL_SQS", sent);
  await flushQueue(`${endpoint}${URL_PATH}`).request(1000, 5);
  const messages = calls.map(({ body }) => [JSON.parse(String(body.MessageBody)), body.DelaySeconds]);
  expect(messages).toEqual(
    expect.arrayContaining([
      [{ after: 1000 }, 0],
      [{ after: 8000 }, 7],
    ]),
  );
});

test("fails if one of the two messages cannot be sent", async () => {
  const { endpoint } = await jsonService("AWS_ENDPOINT_URL_SQS", (call) =>
    call.body.DelaySeconds === 2 ? { status: 400, body: { __type: "AccessDenied" } } : sent(call),
  );
  await expect(flushQueue(`${endpoint}${URL_PATH}`).request(1000, 0)).rejects.toThrow();
});

test("fails if the answer is not the queue's", async () => {
  const { endpoint } = await jsonService("AWS_ENDPOINT_URL_SQS", () => ({ body: {} }));
  await expect(flushQueue(`${endpoint}${URL_PATH}`).request(1000, 0)).rejects.toThrow();
});

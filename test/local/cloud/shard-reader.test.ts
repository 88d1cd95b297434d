import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { expect, test } from "vitest";
import { ShardReader } from "../../../local/cloud/change-feed/shard-reader.ts";

/** The stream of DynamoDB Local, and what it answers that DynamoDB does not. */

const { signal } = new AbortController();

/** A stream with one shard. Iterators are the places where they start, and `answers` are those of GetRecords by them. */
function streamOf(answers: Record<string, readonly string[] | Error>) {
  const opened: string[] = [];
  const send = async ({ input }: { readonly input: Record<string, string> }) => {
    if ("StreamArn" in input && !("ShardId" in input)) return { StreamDescription: { Shards: [{ ShardId: "one" }] } };
    if ("ShardId" in input) {
      const place = [input.ShardIteratorType, input.SequenceNumber].filter(Boolean).join(" ");
      opened.push(place);
      return { ShardIterator: place };
    }
    const answer = answers[input.ShardIterator ?? ""] ?? [];
    if (answer instanceof Error) throw answer;
    const Records = answer.map((SequenceNumber) => ({ dynamodb: { SequenceNumber } }));
    return { Records, NextShardIterator: Records.length > 0 ? "next" : input.ShardIterator };
  };
  const reader = new ShardReader({ send } as unknown as DynamoDBStreamsClient, "stream", "table");
  const numbers = async () => (await reader.next(signal)).map(({ dynamodb }) => dynamodb?.SequenceNumber);
  return { reader, opened, numbers };
}

const error = (name: string) => Object.assign(new Error(), { name });

test("an iterator from before the first record of a new stream is followed by one from the oldest record", async () => {
  const trimmed = error("TrimmedDataAccessException");
  const { reader, opened, numbers } = streamOf({ LATEST: trimmed, TRIM_HORIZON: ["7"] });
  await reader.startNow();
  expect([await numbers(), await numbers(), await numbers()]).toEqual([[], ["7"], []]);
  expect(opened).toEqual(["LATEST", "TRIM_HORIZON"]);
});

test("an iterator that has expired is followed by one from behind the last record", async () => {
  const expired = error("ExpiredIteratorException");
  const { reader, opened, numbers } = streamOf({ LATEST: ["7"], next: expired, "AFTER_SEQUENCE_NUMBER 7": ["8"] });
  await reader.startNow();
  expect([await numbers(), await numbers(), await numbers()]).toEqual([["7"], [], ["8"]]);
  expect(opened).toEqual(["LATEST", "AFTER_SEQUENCE_NUMBER 7"]);
});

test("a stream that does not answer for a while is read on from where it was", async () => {
  const answers: Record<string, readonly string[] | Error> = { LATEST: error("TimeoutError") };
  const { reader, opened, numbers } = streamOf(answers);
  await reader.startNow();
  expect(await numbers()).toEqual([]);
  answers.LATEST = ["7"];
  expect(await numbers()).toEqual(["7"]);
  expect(opened).toEqual(["LATEST"]);
});

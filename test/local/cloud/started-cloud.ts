import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SQSClient } from "@aws-sdk/client-sqs";
import { onTestFinished } from "vitest";
import type { ChangeFeed } from "../../../local/cloud/change-feed/change-feed.ts";
import { checkResources } from "../../../local/cloud/check-resources.ts";
import { type Cloud, startCloud } from "../../../local/cloud/cloud.ts";
import { ManualClock } from "../../../local/cloud/manual-clock.ts";
import type { CloudRecord } from "../../../local/cloud/report.ts";
import type { CloudResources } from "../../../local/cloud/resources.ts";
import { NO_RESOURCES } from "./no-resources.ts";
import { type Handler, Recorder } from "./recorder.ts";

/** A cloud for one test, with a clock that stands still and the SDK's own clients. */
export interface StartedCloud {
  readonly cloud: Cloud;
  readonly clock: ManualClock;
  readonly functions: Recorder;
  readonly told: readonly CloudRecord[];
  readonly sqs: SQSClient;
  readonly events: EventBridgeClient;
}

const NO_CHANGES: ChangeFeed = { watch: async () => () => {} };

/** Starts a cloud for the rest of a test. Functions are known by the names of their log groups. */
export async function cloudWith(resources: Partial<CloudResources>, handler?: Handler): Promise<StartedCloud> {
  const all = { ...NO_RESOURCES, ...resources };
  checkResources(all, Object.keys(all.logGroups));
  const [clock, functions, told] = [new ManualClock(), new Recorder(handler), [] as CloudRecord[]];
  const cloud = await startCloud({ changes: NO_CHANGES, clock, report: (record) => told.push(record) });
  await cloud.feed(all, functions);
  // A planned fault is seen by the test, and not repeated by the client.
  const client = { endpoint: cloud.url, maxAttempts: 1 };
  const [sqs, events] = [new SQSClient(client), new EventBridgeClient(client)];
  onTestFinished(async () => {
    sqs.destroy();
    events.destroy();
    await cloud.close();
  });
  return { cloud, clock, functions, told, sqs, events };
}

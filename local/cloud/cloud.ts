import type { Invoker } from "../gateway/invoker.ts";
import type { ClientResponse } from "../gateway/request.ts";
import { Buses } from "./bus/bus.ts";
import type { ChangeFeed } from "./change-feed/change-feed.ts";
import { type Clock, ClosableClock, SYSTEM_CLOCK } from "./clock.ts";
import { Deliveries } from "./deliveries.ts";
import { startEndpoint } from "./endpoint.ts";
import { Faults } from "./faults.ts";
import { flushIn } from "./flush.ts";
import { KeyService } from "./kms/key-service.ts";
import { LogSubscriptions } from "./logs/log-subscriptions.ts";
import { OnFailure } from "./on-failure.ts";
import { queueOperations } from "./queues/operations.ts";
import type { Queue } from "./queues/queue.ts";
import { QueueMappings } from "./queues/queue-mappings.ts";
import { Queues } from "./queues/queues.ts";
import type { Report } from "./report.ts";
import type { CloudResources } from "./resources.ts";
import { Schedules } from "./schedules.ts";
import { StreamMappings } from "./stream-mappings.ts";

/** What a local cloud needs. */
export interface CloudOptions {
  /** The changes of the database's tables. */
  readonly changes: ChangeFeed;
  /** The port for AWS clients; 0, the default, takes a free one. */
  readonly port?: number;
  /** Answers calls of API Gateway's control plane; undefined for any other request. */
  readonly controlPlane?: (method: string, path: string) => ClientResponse | undefined;
  /** A folder for what functions on streams have failed for, if the template keeps it in a bucket. */
  readonly folder?: string;
  /** The clock of delays and retries; by default the system's. */
  readonly clock?: Clock;
  readonly report?: Report | undefined;
}

/** What stands for AWS around the functions of a template. */
export interface Cloud {
  /** Address for AWS clients: queues, event buses, API Gateway's control plane, and schedules. */
  readonly url: string;
  /** The variables that send AWS clients here. */
  readonly environment: Readonly<Record<string, string>>;
  /** Faults that tests plan. */
  readonly faults: Faults;
  /** The functions, whose log lines reach the functions that subscribe to them. A gateway invokes these. */
  readonly functions: Invoker;
  /** What runs on a schedule; `fire` runs it now. */
  readonly schedules: Pick<Schedules, "fire" | "all">;
  /** Whether something is being delivered, or waits for the stream's functions. Messages in queues do not count. */
  readonly isBusy: boolean;
  /** A queue by its name. @throws {AwsError} if there is none */
  queue(name: string): Queue;
  /** Feeds the functions of a template, at first and after a reload. Queues and backlogs stay as they are. */
  feed(resources: CloudResources, functions: Invoker): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts what stands for AWS around the functions of a template: streams of tables, queues, event buses with their rules,
 * subscriptions to logs, and schedules, each as the template's own events and resources name it. Clients of the AWS SDK
 * use it by `environment`. Then `feed` names the functions. Nothing is invoked before the first event, and nothing runs
 * on after `close`.
 *
 * @throws {NodeJS.ErrnoException} `EADDRINUSE` if the port is in use
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { port = 0, controlPlane = () => undefined, changes } = options;
  let inner: Invoker = { invoke: async () => ({ error: "There are no functions yet." }) };
  await using cleanup = new AsyncDisposableStack();
  const faults = changes.faults ?? new Faults();
  const clock = new ClosableClock(options.clock ?? SYSTEM_CLOCK);
  cleanup.defer(() => clock.close());
  // What ends together with the cloud is no failure to tell of.
  const report: Report = (record) => clock.isClosed || options.report?.(record);

  const functions: Invoker = {
    invoke: async (name, event) => {
      const answer = await inner.invoke(name, event);
      if (answer.log) logs.write(name, answer.log);
      return answer;
    },
  };
  const deliveries = new Deliveries({ functions, faults, clock, report });
  const logs = new LogSubscriptions(deliveries, clock);
  const queues = new Queues(clock, report);
  const failures = new OnFailure(queues, clock, options.folder);
  const queueMappings = new QueueMappings(queues, { deliveries, clock });
  cleanup.defer(() => queueMappings.close());
  const streams = new StreamMappings({ changes, deliveries, clock, report, failures });
  cleanup.defer(() => streams.close());
  const buses = new Buses({ deliveries, queues, faults, clock, report });
  const schedules = new Schedules(deliveries, clock);

  const flush = (method: string, path: string) => {
    const [answer, flushed] = [controlPlane(method, path), flushIn(path)];
    if (answer && answer.status < 400 && flushed) {
      report({ kind: "flush", time: clock.now(), api: flushed.api, stage: flushed.stage });
    }
    return answer;
  };
  const keys = new KeyService();
  const endpoint = await startEndpoint({
    operations: { ...buses.operations, ...queueOperations(queues, faults, () => endpoint.url), ...keys.operations },
    other: async (method, path) => flush(method, path) ?? (await schedules.answer(method, path)),
    ...{ faults, clock, port },
  });
  cleanup.defer(endpoint.close);

  const running = cleanup.move();
  return {
    url: endpoint.url,
    environment: environmentOf(endpoint.url),
    ...{ faults, functions, schedules },
    get isBusy() {
      return deliveries.active > 0 || streams.backlog > 0;
    },
    queue: (name) => queues.named(name),
    feed: async (resources, next) => {
      inner = next;
      queues.use(resources.queues);
      buses.use(resources);
      logs.use(resources);
      schedules.use(resources.schedules);
      queueMappings.use(resources.queueSources);
      await streams.use(resources);
    },
    close: () => running.disposeAsync(),
  };
}

const environmentOf = (url: string) => ({
  AWS_ENDPOINT_URL_EVENTBRIDGE: url,
  AWS_ENDPOINT_URL_SQS: url,
  AWS_ENDPOINT_URL_KMS: url,
  AWS_ENDPOINT_URL_API_GATEWAY: url,
  AWS_ENDPOINT_URL_APIGATEWAYV2: url,
});

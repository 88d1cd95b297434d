import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

/** What of a template stands around its functions: where their events come from, and where they write. */
export interface CloudResources {
  readonly tables: readonly TableResource[];
  readonly queues: readonly QueueResource[];
  /** Names of event buses. Every account has one more, `default`. */
  readonly buses: readonly string[];
  readonly rules: readonly RuleResource[];
  readonly schedules: readonly ScheduleResource[];
  readonly streamSources: readonly StreamSource[];
  readonly queueSources: readonly QueueSource[];
  readonly subscriptions: readonly LogSubscription[];
  /** Name of the log group of each function. */
  readonly logGroups: Readonly<Record<string, string>>;
}

/** `AWS::DynamoDB::Table` */
export interface TableResource {
  readonly name: string;
  readonly definition: CreateTableCommandInput;
  /** The images in the stream's records; undefined without a stream. */
  readonly view?: StreamView;
}

/** `StreamViewType` of a table. */
export type StreamView = "KEYS_ONLY" | "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES";

/** `AWS::SQS::Queue`. Times are in seconds. */
export interface QueueResource {
  readonly name: string;
  readonly delay: number;
  readonly visibilityTimeout: number;
  readonly retention: number;
  /** The dead-letter queue's ARN, and how often a message is received before it goes there. */
  readonly redrive?: { readonly queue: string; readonly maxReceiveCount: number };
}

/** `AWS::Events::Rule` with a pattern, or the event `EventBridgeRule` of a function. */
export interface RuleResource {
  readonly name: string;
  readonly bus: string;
  readonly pattern: unknown;
  readonly targets: readonly TargetResource[];
}

/** A target of a rule. */
export interface TargetResource {
  readonly id: string;
  /** `KeyWatch.Arn` for a function, as the reader of templates writes it; else an ARN. */
  readonly arn: string;
  /** What the target gets in place of the event. */
  readonly input?: TargetInput;
  /** ARN of the queue for events that the target does not take. */
  readonly deadLetters?: string;
  /** How often a delivery is repeated. */
  readonly retries: number;
}

/** `Input`, `InputPath` or `InputTransformer` of a target. */
export type TargetInput =
  | { readonly text: string }
  | { readonly path: string }
  | { readonly paths: Readonly<Record<string, string>>; readonly template: string };

/** A function that runs on a schedule. */
export interface ScheduleResource {
  /** `KeyWatch.Daily` */
  readonly name: string;
  readonly function: string;
  /** `rate(1 day)` */
  readonly expression: string;
  /** The JSON that the function gets in place of the event. */
  readonly input?: string;
}

/** How a function is fed from a source of batches. */
export interface BatchSource {
  /** `KeyEvents.Stream` */
  readonly name: string;
  readonly function: string;
  readonly batchSize: number;
  /** Seconds that a batch waits until it is full. */
  readonly window: number;
  /** Whether the function reports the items that failed (`ReportBatchItemFailures`). */
  readonly partial: boolean;
  /** Patterns, of which a record must match one. Empty for all records. */
  readonly filters: readonly unknown[];
}

/** The stream of a table as a source. */
export interface StreamSource extends BatchSource {
  readonly table: string;
  /** How often a batch is repeated; infinite by default, as on AWS. */
  readonly maxRetries: number;
  /** Seconds after which a record is given up; infinite by default. */
  readonly maxAge: number;
  readonly bisect: boolean;
  /** ARN of the place for batches that are given up. */
  readonly onFailure?: string;
}

/** A queue as a source. */
export interface QueueSource extends BatchSource {
  readonly queue: string;
}

/** A function that gets lines of a log group. */
export interface LogSubscription {
  /** `KeyUse.Decisions` */
  readonly name: string;
  readonly function: string;
  readonly logGroup: string;
  readonly pattern: string;
}

/**
 * List prices in US dollars, region us-east-1, 2026-11, without free tiers and discounts: the pricing pages of AWS
 * Lambda, Amazon DynamoDB and Amazon CloudWatch. Prices fall with volume for Lambda above 6 thousand million GB-s
 * and for logs above 10 TB a month; nothing in the documentation reaches either.
 */
export const PRICES = {
  /** One invocation. */
  invocation: 0.2 / 1e6,
  /** One GB-second of a function on arm64. */
  gigabyteSecond: 0.0000133334,
  /** One read request unit of an on-demand table: a strongly consistent read of up to 4 KB. */
  read: 0.125 / 1e6,
  /** One write request unit of an on-demand table: a write of up to 1 KB, and the same again for each index. */
  write: 0.625 / 1e6,
  /** One event that is put on a bus of EventBridge. */
  event: 1 / 1e6,
  /** One call of a standard queue of SQS. */
  message: 0.4 / 1e6,
  /** One GB of a function's log, ingested into CloudWatch. */
  logGigabyte: 0.5,
} as const;

/** Bytes that CloudWatch adds to each event of a log (API reference of CloudWatch Logs, PutLogEvents). */
export const LOG_EVENT_BYTES = 26;

/** MB of memory at which a function has one whole processor (Lambda developer guide, "Configure function memory"). */
export const WHOLE_PROCESSOR = 1769;
